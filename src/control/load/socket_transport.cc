#include "control/load/socket_transport.h"

namespace lumos {

Outcome OneRequest::judge(int, const Exchange& x) {
  if (x.outcome != Outcome::kOk) return x.outcome;
  if (x.response.status < 200 || x.response.status > 299) return Outcome::kBadStatus;
  const bool wrong = !request_.digest.empty() && x.response.header("lumos-digest") != request_.digest;
  return wrong ? Outcome::kWrongOutput : Outcome::kOk;
}

SocketTransport::SocketTransport(const Endpoint& to, Requester& requester, int connections, Nanoseconds spin)
    : requester_(requester), epoll_(::epoll_create1(EPOLL_CLOEXEC)), pacer_(clock_, spin, [this](Nanoseconds timeout) {
        const timespec wait{timeout.count() / 1'000'000'000, timeout.count() % 1'000'000'000};
        return ::epoll_pwait2(epoll_.get(), events_.data(), kEventsAtOnce, &wait, nullptr);
      }) {
  LUMOS_CHECK(epoll_.get() >= 0);
  connections_.reserve(static_cast<std::size_t>(connections));
  for (int i = 0; i < connections; ++i)
    connections_.emplace_back(to, requester.keep(), Watch{epoll_.get(), static_cast<std::uint64_t>(i)});
}

Completion SocketTransport::completion(int connection) {
  const Exchange& x = connections_[static_cast<std::size_t>(connection)].last();
  return {.connection = connection, .outcome = requester_.judge(connection, x), .sent = x.sent, .done = x.done};
}

std::optional<Completion> SocketTransport::begin(int connection, const Due& due) {
  const bool ended = connections_[static_cast<std::size_t>(connection)].begin(requester_.request(connection, due));
  return ended ? std::optional(completion(connection)) : std::nullopt;
}

Completion SocketTransport::give_up(int connection) {
  connections_[static_cast<std::size_t>(connection)].give_up();
  return completion(connection);
}

std::span<const Completion> SocketTransport::wait(std::int64_t until) {
  completed_.clear();
  const int ready = pacer_.wait(until);
  for (int i = 0; i < ready; ++i) {
    const auto connection = static_cast<int>(events_[static_cast<std::size_t>(i)].data.u64);
    if (connections_[static_cast<std::size_t>(connection)].advance()) completed_.push_back(completion(connection));
  }
  return completed_;
}

}  // namespace lumos
