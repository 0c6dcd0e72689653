#include "base/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace lumos {

Expected<std::pair<Channel, Channel>> Channel::pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return fail_errno("socketpair");
  return std::pair(Channel(Fd(ends[0])), Channel(Fd(ends[1])));
}

Expected<> Channel::send_bytes(const void* data, std::size_t size) const {
  while (::send(fd_.get(), data, size, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return fail_errno("a process of this run is gone");
  }
  return {};
}

Expected<std::size_t> Channel::receive_bytes(void* buffer, std::size_t capacity, Nanoseconds timeout) const {
  const bool for_ever = timeout.count() < 0;
  const std::int64_t deadline = for_ever ? 0 : monotonic_ns() + timeout.count();
  for (;;) {
    const std::int64_t left = for_ever ? 0 : std::max<std::int64_t>(0, deadline - monotonic_ns());
    const timespec wait{left / 1'000'000'000, left % 1'000'000'000};
    pollfd poll{fd_.get(), POLLIN, 0};
    const int ready = ::ppoll(&poll, 1, for_ever ? nullptr : &wait, nullptr);
    if (ready < 0 && errno != EINTR) return fail_errno("poll");
    if (ready < 0) continue;
    if (ready == 0) return std::size_t{0};
    const ssize_t n = ::recv(fd_.get(), buffer, capacity, 0);
    if (n > 0) return static_cast<std::size_t>(n);
    if (n == 0 || errno != EINTR) return fail(ErrorCode::kInternal, "a process of this run has ended");
  }
}

}  // namespace lumos
