// One client of the gateway: reads one request at a time, writes one response at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/fd.h"
#include "http/event_loop.h"
#include "http/message.h"

namespace lumos {

/// Calls `on_request` for each whole request and takes the next only after `respond`; `on_gone` when the client has
/// closed or sent what is no HTTP (which is answered with 400 first). One thread (the loop's).
class Client {
 public:
  Client(http::EventLoop& loop, Fd fd, std::function<void(http::Message)> on_request, std::function<void()> on_gone);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The response to the current request, as it goes on the wire.
  void respond(std::string bytes, bool keep_alive);

 private:
  void read_some();
  void write_some();
  void parse_buffered();
  void refuse();

  http::EventLoop& loop_;
  Fd fd_;
  std::function<void(http::Message)> on_request_;
  std::function<void()> on_gone_;
  http::Parser parser_{http::Parser::Kind::kRequest};
  std::string in_, out_;
  std::size_t written_ = 0;
  bool busy_ = false, close_after_ = false, keep_alive_asked_ = true;
};

}  // namespace lumos
