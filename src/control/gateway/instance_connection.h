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
  /// `done` is called with the reply of each exchange.
  InstanceConnection(http::EventLoop& loop, std::uint32_t address, int port, std::function<void(Reply)> done = {});
  ~InstanceConnection();
  InstanceConnection(const InstanceConnection&) = delete;
  InstanceConnection& operator=(const InstanceConnection&) = delete;

  /// Tries to connect every half millisecond until something listens, then calls `ready` with the time. A refused
  /// attempt costs the instance's core nothing: its kernel answers it.
  void open(std::function<void(std::int64_t ready)> ready);

  /// Sends a request. Connects first where it is not connected: before the first exchange, and when the instance has
  /// closed the connection.
  void exchange(std::string request);

  /// Reads what has come already, before the loop tells.
  void look();

  /// Gives the exchange up: `done` is not called for it, and the connection is closed.
  void abandon();

 private:
  void attempt();
  void retry();
  void connected();
  void close();
  void on_event(std::uint32_t events);
  void write_some();
  void read_some();
  bool take(std::string_view bytes);
  void finish(Outcome outcome);

  http::EventLoop& loop_;
  std::uint32_t address_;
  int port_;
  Fd fd_;
  bool connected_ = false, busy_ = false, ended_ = false;  // ended_: the instance has closed its side
  std::optional<http::EventLoop::Timer> retry_;
  std::function<void(std::int64_t)> ready_;
  std::function<void(Reply)> done_;
  std::string request_;
  std::size_t written_ = 0;
  http::Parser parser_{http::Parser::Kind::kResponse, http::Keep::kStatus};
  Reply reply_;
};

}  // namespace lumos
