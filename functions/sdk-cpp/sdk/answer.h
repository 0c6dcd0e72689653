// What a function gives back, and the spans of one invocation.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sdk/net.h"

namespace sdk {

using Json = nlohmann::ordered_json;

/// A successful result. `digest` is sdk::digest of the result's canonical form: the same bytes on every runtime, never
/// the encoded response.
struct Answer {
  Json response;
  std::uint64_t digest = 0;
};

/// Why there is no answer. The message is for the caller and goes into the JSON error.
struct Failure {
  int status = 500;
  std::string message;
};

/// The request asks for something that the function does not do: 400.
inline std::unexpected<Failure> bad_request(std::string message) {
  return std::unexpected(Failure{400, std::move(message)});
}

/// A timed part of an invocation; the names are those of Server-Timing.
enum class Span { kDeserialize, kFetch, kCompute, kDigest, kStore, kSerialize };

constexpr const char* name_of(Span span) {
  constexpr const char* kNames[] = {"deserialize", "fetch", "compute", "digest", "store", "serialize"};
  return kNames[static_cast<int>(span)];
}

/// The spans of one invocation, in the order in which they ended. They never overlap. What a function does before its
/// own first span is reading the request, and what it does after its last is making the response: both count as such.
class Spans {
 public:
  /// Runs `work` and records its wall time.
  template <typename Work>
  auto time(Span span, Work&& work) {
    request_read();
    const std::uint64_t begin = last_;
    auto result = std::forward<Work>(work)();
    add(span, begin);
    return result;
  }

  // For the SDK: when the request is there, when the function is done, when the response is made.
  void begin(std::uint64_t now) {
    list_.clear();
    last_ = now;
    reading_ = true;
  }
  void request_read() {
    if (reading_)
      add(Span::kDeserialize, last_);
    else
      last_ = now_ns();
    reading_ = false;
  }
  void function_done() {
    if (reading_) request_read();
  }
  void response_made() { add(Span::kSerialize, last_); }

  const std::vector<std::pair<Span, std::uint64_t>>& list() const { return list_; }

 private:
  void add(Span span, std::uint64_t begin) {
    last_ = now_ns();
    list_.emplace_back(span, last_ - begin);
  }

  std::vector<std::pair<Span, std::uint64_t>> list_;
  std::uint64_t last_ = 0;  // when what was last recorded ended
  bool reading_ = false;
};

/// A function: from a JSON object to an answer.
using Function = std::function<std::expected<Answer, Failure>(const Json& request, Spans& spans)>;

/// For the loop that a function measures: what goes through here no compiler knows.
template <typename T>
T black_box(T value) {
  asm volatile("" : "+r"(value) : : "memory");
  return value;
}

}  // namespace sdk
