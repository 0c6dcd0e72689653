// A blocking client connection to the gateway.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/fd.h"
#include "http/message.h"
#include "record/vocabulary.h"

namespace lumos {

/// What one exchange came to. `done` is stamped when the last byte was read, or when it failed.
struct Exchange {
  Outcome outcome = Outcome::kOk;  // kOk: a whole response is there, whatever its status
  std::int64_t sent = 0, done = 0;
  http::Message response;
  std::size_t response_bytes = 0;
};

/// Keep-alive to 127.0.0.1:port; connects when it must. One thread.
class Connection {
 public:
  explicit Connection(int port) : port_(port) {}

  /// Sends and waits for the whole response, at most until `deadline` (CLOCK_MONOTONIC ns).
  Exchange exchange(const std::string& request, std::int64_t deadline);

 private:
  std::optional<Outcome> connect();
  std::optional<Outcome> send_all(std::string_view bytes, std::int64_t deadline);
  std::optional<Outcome> wait_for(short events, std::int64_t deadline);
  void receive(Exchange& exchange, std::int64_t deadline);

  int port_;
  Fd fd_;
};

}  // namespace lumos
