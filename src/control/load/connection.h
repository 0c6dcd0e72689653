// A client connection: to the gateway in a run, to any server in `load`.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/fd.h"
#include "http/message.h"
#include "record/vocabulary.h"

namespace lumos {

/// An address to connect to.
struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
  int network = -1;  // the network namespace of who connects (host/tunnel.h), open as long as this; -1: this one

  static Endpoint loopback(int port);                     // 127.0.0.1
  static Endpoint ipv4(std::uint32_t address, int port);  // host byte order
};

/// What one exchange came to. `done` is stamped when the last byte was read, or when it failed; `sent` when the first
/// was taken by the kernel, 0 when none was.
struct Exchange {
  Outcome outcome = Outcome::kOk;  // kOk: a whole response is there, whatever its status
  std::int64_t sent = 0, done = 0;
  http::Message response;
  std::size_t response_bytes = 0;
};

/// Where a connection's changes are told: an epoll descriptor, and the number by which it knows the connection.
struct Watch {
  int epoll = -1;
  std::uint64_t tag = 0;
};

/// Keep-alive; connects when it must, carries one exchange at a time, never waits. One thread.
class Connection {
 public:
  /// Watched edge-triggered while it is open, when a watch is given.
  explicit Connection(const Endpoint& to, http::Keep keep = http::Keep::kAll, Watch watch = {});

  /// Begins an exchange; `request` stays where it is until its end. True: it has ended already.
  bool begin(std::string_view request);
  /// Goes on after a change. True: the exchange has ended. Between exchanges it only notices that the peer has closed.
  bool advance();
  /// Ends the exchange as timed out.
  void give_up();

  /// The exchange that has ended last.
  const Exchange& last() const { return exchange_; }
  int fd() const { return fd_.get(); }
  /// Whether some of the request is still to be sent.
  bool sending() const { return !unsent_.empty(); }

 private:
  std::optional<Outcome> connect();
  std::optional<Outcome> write_some();
  std::optional<Outcome> read_some();
  bool end(Outcome outcome);
  void drop_if_closed();

  Endpoint to_;
  http::Keep keep_;
  Watch watch_;
  Fd fd_;
  http::Parser parser_;
  bool busy_ = false;
  std::string_view unsent_;
  Exchange exchange_;
};

/// Waits for a whole exchange, at most until `deadline` (CLOCK_MONOTONIC ns).
const Exchange& exchange(Connection& connection, std::string_view request, std::int64_t deadline);

}  // namespace lumos
