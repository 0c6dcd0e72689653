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

/// Opens each connection at its first request and when the server has closed it. The request outlives it.
class SocketTransport final : public Transport {
 public:
  SocketTransport(const Endpoint& to, const LoadRequest& request, int connections, Nanoseconds spin);
  SocketTransport(const SocketTransport&) = delete;
  SocketTransport& operator=(const SocketTransport&) = delete;

  std::int64_t now() const override { return monotonic_ns(); }
  std::optional<Completion> begin(int connection) override;
  Completion give_up(int connection) override;
  std::span<const Completion> wait(std::int64_t until) override;

  Nanoseconds spun() const { return pacer_.spun(); }

 private:
  // Few at a time: while these are worked off, nothing is sent.
  static constexpr int kEventsAtOnce = 16;

  Completion completion(int connection) const;

  const LoadRequest& request_;
  MonotonicClock clock_;
  Fd epoll_;
  std::array<epoll_event, kEventsAtOnce> events_{};
  Pacer pacer_;
  std::vector<Connection> connections_;
  std::vector<Completion> completed_;
};

}  // namespace lumos
