// The descriptor is watched edge-triggered and once: an exchange costs no call to change what is watched.
#include "control/gateway/instance_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace lumos {
namespace {

constexpr Nanoseconds kRetry = std::chrono::microseconds(500);

}  // namespace

InstanceConnection::InstanceConnection(http::EventLoop& loop, std::uint32_t address, int port,
                                       std::function<void(Reply)> done)
    : loop_(loop), address_(address), port_(port), done_(std::move(done)) {}

InstanceConnection::~InstanceConnection() { close(); }

void InstanceConnection::close() {
  if (retry_) loop_.cancel(*retry_);
  retry_.reset();
  if (fd_) loop_.forget(fd_.get());
  fd_.reset();
  connected_ = ended_ = false;
}

void InstanceConnection::open(std::function<void(std::int64_t)> ready) {
  ready_ = std::move(ready);
  attempt();
}

void InstanceConnection::retry() {
  close();
  retry_ = loop_.after(kRetry, [this] { attempt(); });
}

void InstanceConnection::attempt() {
  close();
  fd_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return ready_ ? retry() : finish(Outcome::kNoSocket);
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = htonl(address_);
  const int status = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  if (status != 0 && errno != EINPROGRESS) {
    if (ready_) return retry();
    close();
    return finish(errno == EADDRNOTAVAIL ? Outcome::kNoSocket : Outcome::kRefused);
  }
  loop_.watch(fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, [this](std::uint32_t e) { on_event(e); });
}

void InstanceConnection::connected() {
  connected_ = true;
  if (ready_) {
    std::exchange(ready_, nullptr)(monotonic_ns());
  } else if (busy_) {
    write_some();
  }
}

void InstanceConnection::on_event(std::uint32_t events) {
  if (!connected_) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0 && (events & EPOLLOUT) != 0) return connected();
    if (ready_) return retry();
    close();
    if (busy_) finish(Outcome::kRefused);
    return;
  }
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) ended_ = true;
  if (busy_ && written_ < request_.size() && (events & EPOLLOUT) != 0) write_some();
  if (connected_ && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) read_some();
}

void InstanceConnection::exchange(std::string request) {
  request_ = std::move(request);
  written_ = 0;
  busy_ = true;
  reply_ = {};
  if (connected_) {
    write_some();
  } else {
    attempt();
  }
}

void InstanceConnection::look() {
  if (connected_ && busy_) read_some();
}

void InstanceConnection::abandon() {
  busy_ = false;
  close();
}

void InstanceConnection::write_some() {
  while (written_ < request_.size()) {
    const ssize_t n = ::send(fd_.get(), request_.data() + written_, request_.size() - written_, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return finish(Outcome::kReset);
    written_ += static_cast<std::size_t>(n);
  }
}

// Until the kernel has nothing more: it tells once, of an end too.
void InstanceConnection::read_some() {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (!busy_) return close();  // it closed, or spoke without being asked
    reply_.responded = monotonic_ns();
    if (n <= 0)
      return finish(n == 0 && parser_.started() && parser_.finish().has_value() ? Outcome::kOk : Outcome::kReset);
    if (!take({buffer.data(), static_cast<std::size_t>(n)})) return;
    if (static_cast<std::size_t>(n) < buffer.size() && !ended_) return;
  }
}

// False when the exchange is over.
bool InstanceConnection::take(std::string_view bytes) {
  const auto taken = parser_.feed(bytes);
  if (!taken) {
    finish(Outcome::kMalformed);
    return false;
  }
  reply_.bytes.append(bytes.substr(0, *taken));
  if (!parser_.complete()) return true;
  finish(*taken == bytes.size() ? Outcome::kOk : Outcome::kMalformed);  // more than was asked for
  return false;
}

void InstanceConnection::finish(Outcome outcome) {
  reply_.outcome = outcome;
  if (reply_.responded == 0) reply_.responded = monotonic_ns();
  const bool whole = parser_.complete();
  reply_.keep_alive = whole && parser_.take().keep_alive && outcome == Outcome::kOk;
  if (!whole || outcome != Outcome::kOk) parser_ = http::Parser(http::Parser::Kind::kResponse, http::Keep::kStatus);
  if (!reply_.keep_alive || ended_) close();
  busy_ = false;
  done_(std::move(reply_));
}

}  // namespace lumos
