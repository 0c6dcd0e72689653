#include "control/load/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace lumos {

std::optional<Outcome> Connection::connect() {
  if (fd_) return std::nullopt;
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!fd || ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return Outcome::kRefused;
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fd_ = std::move(fd);
  return std::nullopt;
}

std::optional<Outcome> Connection::wait_for(short events, std::int64_t deadline) {
  for (;;) {
    const std::int64_t left = deadline - monotonic_ns();
    if (left <= 0) return Outcome::kTimeout;
    const timespec wait{left / 1'000'000'000, left % 1'000'000'000};
    pollfd poll{fd_.get(), events, 0};
    const int n = ::ppoll(&poll, 1, &wait, nullptr);
    if (n > 0) return std::nullopt;
    if (n < 0 && errno != EINTR) return Outcome::kReset;
  }
}

std::optional<Outcome> Connection::send_all(std::string_view bytes, std::int64_t deadline) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    if (n >= 0 || errno == EINTR) continue;
    if (errno != EAGAIN) return Outcome::kReset;
    if (const auto failed = wait_for(POLLOUT, deadline)) return failed;
  }
  return std::nullopt;
}

void Connection::receive(Exchange& x, std::int64_t deadline) {
  http::Parser parser(http::Parser::Kind::kResponse);
  std::array<char, 65536> buffer;
  while (!parser.complete()) {
    if (const auto failed = wait_for(POLLIN, deadline)) {
      x.outcome = *failed;
      return;
    }
    const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    const bool valid = n > 0    ? parser.feed({buffer.data(), static_cast<std::size_t>(n)}).has_value()
                       : n == 0 ? parser.started() && parser.finish().has_value()
                                : false;
    if (!valid) {
      x.outcome = n > 0 ? Outcome::kMalformed : Outcome::kReset;
      return;
    }
    x.response_bytes += static_cast<std::size_t>(n);
  }
  x.response = parser.take();
}

Exchange Connection::exchange(const std::string& request, std::int64_t deadline) {
  Exchange x;
  const auto fail = [&](Outcome outcome) {
    x.outcome = outcome;
    x.done = monotonic_ns();
    fd_.reset();
    return x;
  };
  if (const auto failed = connect()) return fail(*failed);
  x.sent = monotonic_ns();
  if (const auto failed = send_all(request, deadline)) return fail(*failed);
  receive(x, deadline);
  if (x.outcome != Outcome::kOk) return fail(x.outcome);
  x.done = monotonic_ns();
  if (!x.response.keep_alive) fd_.reset();
  return x;
}

}  // namespace lumos
