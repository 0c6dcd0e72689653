// The gateway's connection to one instance: waits until it listens, then carries one exchange after the other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/fd.h"
#include "http/event_loop.h"
#include "http/message.h"
#include "record/vocabulary.h"

namespace lumos {

/// What an instance answered. `bytes` is the response as it came, to be passed on unchanged.
struct Reply {
  Outcome outcome = Outcome::kOk;  // kOk: a whole HTTP response, whatever its status
  bool keep_alive = false;         // else its end is the end of the connection
  std::int64_t responded = 0;      // CLOCK_MONOTONIC ns, when its last byte was here
  std::string bytes;
};

/// One exchange at a time; one thread (the loop's). Destroying it forgets everything it waits for.
class InstanceConnection {
 public:
  InstanceConnection(http::EventLoop& loop, std::uint32_t address, int port);
  ~InstanceConnection();
  InstanceConnection(const InstanceConnection&) = delete;
  InstanceConnection& operator=(const InstanceConnection&) = delete;

  /// Tries to connect every half millisecond until something listens, then calls `ready` with the time. A refused
  /// attempt costs the instance's core nothing: its kernel answers it.
  void open(std::function<void(std::int64_t ready)> ready);

  /// Sends a request and calls `done` with the reply. Connects anew when the instance has closed the connection.
  void exchange(std::string request, std::function<void(Reply)> done);

 private:
  void attempt();
  void connected();
  void close();
  void on_event(std::uint32_t events);
  void write_some();
  void read_some();
  void finish(Outcome outcome);

  http::EventLoop& loop_;
  std::uint32_t address_;
  int port_;
  Fd fd_;
  bool connected_ = false;
  std::optional<http::EventLoop::Timer> retry_;
  std::function<void(std::int64_t)> ready_;
  std::function<void(Reply)> done_;
  std::string request_;
  std::size_t written_ = 0;
  http::Parser parser_{http::Parser::Kind::kResponse};
  Reply reply_;
};

}  // namespace lumos
