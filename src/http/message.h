// HTTP/1.1 framing (llhttp underneath): one message at a time out of a stream of bytes.
#pragma once

#include <llhttp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace lumos::http {

/// A whole request or response. Header names are lower-case.
struct Message {
  std::string method, target;  // of a request
  int status = 0;              // of a response
  bool keep_alive = true;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The value of the first such header, or "".
  std::string_view header(std::string_view lower_case_name) const;
};

/// How much of a message a parser keeps. What it does not keep it only counts against the limits.
enum class Keep : std::uint8_t {
  kAll,
  kHeaders,  // not the body
  kStatus,   // only status and keep_alive, of a response
};

/// Limits on what a peer may send.
inline constexpr std::size_t kMaxHeaderBytes = 64 << 10;
inline constexpr std::size_t kMaxBodyBytes = 256 << 20;

/// Turns bytes into messages. One thread.
class Parser {
 public:
  enum class Kind { kRequest, kResponse };
  explicit Parser(Kind kind, Keep keep = Keep::kAll);
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;

  /// Takes bytes up to the end of the message; returns how many it took. Error: kUsage, the bytes are no valid HTTP or
  /// exceed a limit.
  Expected<std::size_t> feed(std::string_view bytes);
  /// The peer closed: completes a response without a length. Error: the message is cut.
  Expected<> finish();

  bool complete() const;
  /// The head of the message is whole, and what is missing is body.
  bool head_complete() const;
  /// Any byte of the next message seen.
  bool started() const;
  /// The complete message; the parser is ready for the next.
  Message take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "POST / HTTP/1.1" with Content-Length and the given headers.
std::string format_request(std::string_view method, std::string_view target, std::string_view host,
                           const std::vector<std::pair<std::string, std::string>>& headers, std::string_view body);
/// A response with a JSON body. `headers` are whole lines.
std::string format_response(int status, std::string_view body, bool keep_alive = true, std::string_view headers = "");

}  // namespace lumos::http
