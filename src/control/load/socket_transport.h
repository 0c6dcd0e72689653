// A load's requests over TCP.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <span>
#include <string>
#include <vector>

#include "control/load/connection.h"
#include "control/load/pacer.h"
#include "control/load/transport.h"

namespace lumos {

/// What is sent, and what a right answer carries.
struct LoadRequest {
  std::string bytes;
  std::string digest;  // in Lumos-Digest; empty: any answer with status 200 to 299 is right
};

/// What connections send, and what they make of the answers. One thread.
class Requester {
 public:
  virtual ~Requester() = default;
  /// What of an answer `judge` needs.
  virtual http::Keep keep() const = 0;
  /// The bytes of a request; they stay where they are until its exchange has ended.
  virtual std::string_view request(int connection, const Due& due) = 0;
  /// What became of an exchange that has ended.
  virtual Outcome judge(int connection, const Exchange& exchange) = 0;
  /// A request took too long before a connection was free for it.
  virtual void never_sent(const Due&, std::int64_t /*done*/) {}
};

/// The same request every time.
class OneRequest final : public Requester {
 public:
  /// `request` outlives it.
  explicit OneRequest(const LoadRequest& request) : request_(request) {}

  http::Keep keep() const override { return request_.digest.empty() ? http::Keep::kStatus : http::Keep::kHeaders; }
  std::string_view request(int, const Due&) override { return request_.bytes; }
  Outcome judge(int, const Exchange& exchange) override;

 private:
  const LoadRequest& request_;
};

/// Opens each connection at its first request and when the server has closed it. The requester outlives it.
class SocketTransport final : public Transport {
 public:
  SocketTransport(const Endpoint& to, Requester& requester, int connections, Nanoseconds spin);
  SocketTransport(const SocketTransport&) = delete;
  SocketTransport& operator=(const SocketTransport&) = delete;

  std::int64_t now() const override { return monotonic_ns(); }
  std::optional<Completion> begin(int connection, const Due& due) override;
  Completion give_up(int connection) override;
  void never_sent(const Due& due, std::int64_t done) override { requester_.never_sent(due, done); }
  std::span<const Completion> wait(std::int64_t until) override;

  Nanoseconds spun() const { return pacer_.spun(); }

 private:
  // Few at a time: while these are worked off, nothing is sent.
  static constexpr int kEventsAtOnce = 16;

  Completion completion(int connection);

  Requester& requester_;
  MonotonicClock clock_;
  Fd epoll_;
  std::array<epoll_event, kEventsAtOnce> events_{};
  Pacer pacer_;
  std::vector<Connection> connections_;
  std::vector<Completion> completed_;
};

}  // namespace lumos
