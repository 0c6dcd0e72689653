#include "control/load/socket_transport.h"

namespace lumos {

SocketTransport::SocketTransport(const Endpoint& to, const LoadRequest& request, int connections, Nanoseconds spin)
    : request_(request), epoll_(::epoll_create1(EPOLL_CLOEXEC)), pacer_(clock_, spin, [this](Nanoseconds timeout) {
        const timespec wait{timeout.count() / 1'000'000'000, timeout.count() % 1'000'000'000};
        return ::epoll_pwait2(epoll_.get(), events_.data(), kEventsAtOnce, &wait, nullptr);
      }) {
  LUMOS_CHECK(epoll_.get() >= 0);
  const http::Keep keep = request.digest.empty() ? http::Keep::kStatus : http::Keep::kHeaders;
  connections_.reserve(static_cast<std::size_t>(connections));
  for (int i = 0; i < connections; ++i)
    connections_.emplace_back(to, keep, Watch{epoll_.get(), static_cast<std::uint64_t>(i)});
}

Completion SocketTransport::completion(int connection) const {
  const Exchange& x = connections_[static_cast<std::size_t>(connection)].last();
  Completion c{.connection = connection, .outcome = x.outcome, .sent = x.sent, .done = x.done};
  if (x.outcome != Outcome::kOk) return c;
  if (x.response.status < 200 || x.response.status > 299) {
    c.outcome = Outcome::kBadStatus;
  } else if (!request_.digest.empty() && x.response.header("lumos-digest") != request_.digest) {
    c.outcome = Outcome::kWrongOutput;
  }
  return c;
}

std::optional<Completion> SocketTransport::begin(int connection) {
  const bool ended = connections_[static_cast<std::size_t>(connection)].begin(request_.bytes);
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
