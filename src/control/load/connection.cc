#include "control/load/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>

#include "host/tunnel.h"

namespace lumos {
namespace {

constexpr std::uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

// An exchange that never stops sending must not keep the others waiting: after so much it is asked for again.
constexpr std::size_t kMostAtOnce = 1 << 20;

// A socket lives where it was made, whoever uses it.
Fd make_socket(const Endpoint& to) {
  const auto open = [&] { return Fd(::socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); };
  if (to.network < 0) return open();
  const auto there = InNetwork::enter(to.network);
  return there ? open() : Fd();
}

}  // namespace

Endpoint Endpoint::loopback(int port) { return ipv4(INADDR_LOOPBACK, port); }

Endpoint Endpoint::ipv4(std::uint32_t to, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(to);
  Endpoint endpoint{.size = sizeof address};
  reinterpret_cast<sockaddr_in&>(endpoint.address) = address;
  return endpoint;
}

Connection::Connection(const Endpoint& to, http::Keep keep, Watch watch)
    : to_(to), keep_(keep), watch_(watch), parser_(http::Parser::Kind::kResponse, keep) {}

// Loopback may answer at once; else the first write or read tells how it ended.
std::optional<Outcome> Connection::connect() {
  fd_ = make_socket(to_);
  if (!fd_) return Outcome::kNoSocket;
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to_.address), to_.size) != 0 && errno != EINPROGRESS) {
    return errno == EADDRNOTAVAIL || errno == ENOBUFS || errno == EAGAIN ? Outcome::kNoSocket : Outcome::kRefused;
  }
  if (watch_.epoll < 0) return std::nullopt;
  epoll_event event{.events = kEvents, .data = {.u64 = watch_.tag}};
  if (::epoll_ctl(watch_.epoll, EPOLL_CTL_ADD, fd_.get(), &event) != 0) return Outcome::kNoSocket;
  return std::nullopt;
}

std::optional<Outcome> Connection::write_some() {
  while (!unsent_.empty()) {
    const std::int64_t now = monotonic_ns();
    const ssize_t n = ::send(fd_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return std::nullopt;
    if (n < 0) return errno == ECONNREFUSED ? Outcome::kRefused : Outcome::kReset;
    if (exchange_.sent == 0) exchange_.sent = now;
    unsent_.remove_prefix(static_cast<std::size_t>(n));
  }
  return std::nullopt;
}

std::optional<Outcome> Connection::read_some() {
  std::array<char, 65536> buffer;
  for (std::size_t sum = 0; sum < kMostAtOnce;) {
    const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return std::nullopt;
    if (n < 0) return errno == ECONNREFUSED ? Outcome::kRefused : Outcome::kReset;
    if (n == 0) return parser_.started() && parser_.finish().has_value() ? Outcome::kOk : Outcome::kReset;
    const auto bytes = static_cast<std::size_t>(n);
    sum += bytes;
    exchange_.response_bytes += bytes;
    const auto taken = parser_.feed({buffer.data(), bytes});
    if (!taken) return Outcome::kMalformed;
    if (parser_.complete()) return *taken == bytes ? Outcome::kOk : Outcome::kMalformed;  // more than was asked for
  }
  epoll_event event{.events = kEvents, .data = {.u64 = watch_.tag}};
  if (watch_.epoll >= 0) ::epoll_ctl(watch_.epoll, EPOLL_CTL_MOD, fd_.get(), &event);
  return std::nullopt;
}

bool Connection::end(Outcome outcome) {
  exchange_.outcome = outcome;
  if (outcome == Outcome::kOk) exchange_.response = parser_.take();
  if (outcome != Outcome::kOk || !exchange_.response.keep_alive || sending()) {
    fd_.reset();
    parser_ = http::Parser(http::Parser::Kind::kResponse, keep_);
  }
  unsent_ = {};
  busy_ = false;
  exchange_.done = monotonic_ns();
  return true;
}

// What comes unasked, a last word or an end, makes the connection useless for the next exchange.
void Connection::drop_if_closed() {
  char byte = 0;
  if (fd_ && (::recv(fd_.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0 || errno != EAGAIN)) fd_.reset();
}

bool Connection::begin(std::string_view request) {
  LUMOS_CHECK(!busy_);
  exchange_ = {};
  unsent_ = request;
  busy_ = true;
  if (!fd_) {
    if (const auto failed = connect()) return end(*failed);
  }
  const auto failed = write_some();
  return failed && end(*failed);
}

bool Connection::advance() {
  if (!busy_) {
    drop_if_closed();
    return false;
  }
  if (const auto failed = write_some()) return end(*failed);
  const auto outcome = read_some();
  return outcome && end(*outcome);
}

// What was not delivered yet is not delivered later either, when a link is there again.
void Connection::give_up() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (fd_) ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  end(Outcome::kTimeout);
}

const Exchange& exchange(Connection& connection, std::string_view request, std::int64_t deadline) {
  bool ended = connection.begin(request);
  while (!ended) {
    const std::int64_t left = deadline - monotonic_ns();
    if (left <= 0) {
      connection.give_up();
      break;
    }
    const timespec wait{left / 1'000'000'000, left % 1'000'000'000};
    pollfd poll{connection.fd(), static_cast<short>(connection.sending() ? POLLIN | POLLOUT : POLLIN), 0};
    if (::ppoll(&poll, 1, &wait, nullptr) > 0) ended = connection.advance();
  }
  return connection.last();
}

}  // namespace lumos
