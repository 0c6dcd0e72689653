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

InstanceConnection::InstanceConnection(http::EventLoop& loop, std::uint32_t address, int port)
    : loop_(loop), address_(address), port_(port) {}

InstanceConnection::~InstanceConnection() { close(); }

void InstanceConnection::close() {
  if (retry_) loop_.cancel(*retry_);
  retry_.reset();
  if (fd_) loop_.forget(fd_.get());
  fd_.reset();
  connected_ = false;
}

void InstanceConnection::open(std::function<void(std::int64_t)> ready) {
  ready_ = std::move(ready);
  attempt();
}

void InstanceConnection::attempt() {
  close();
  fd_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  LUMOS_CHECK(fd_.get() >= 0);
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = htonl(address_);
  const int status = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  if (status != 0 && errno != EINPROGRESS) {
    fd_.reset();
    retry_ = loop_.after(kRetry, [this] { attempt(); });
    return;
  }
  loop_.watch(fd_.get(), EPOLLOUT, [this](std::uint32_t events) { on_event(events); });
}

void InstanceConnection::connected() {
  connected_ = true;
  loop_.change(fd_.get(), EPOLLIN);
  if (ready_) {
    std::exchange(ready_, nullptr)(monotonic_ns());
  } else if (done_) {
    write_some();
  }
}

void InstanceConnection::on_event(std::uint32_t events) {
  if (!connected_) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0 && (events & EPOLLOUT) != 0) return connected();
    close();
    if (ready_) {
      retry_ = loop_.after(kRetry, [this] { attempt(); });
    } else if (done_) {
      finish(Outcome::kRefused);
    }
    return;
  }
  if ((events & EPOLLOUT) != 0) write_some();
  if (connected_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_some();
}

void InstanceConnection::exchange(std::string request, std::function<void(Reply)> done) {
  request_ = std::move(request);
  written_ = 0;
  done_ = std::move(done);
  reply_ = {};
  parser_ = http::Parser(http::Parser::Kind::kResponse);
  if (connected_) {
    write_some();
  } else {
    attempt();
  }
}

void InstanceConnection::write_some() {
  while (written_ < request_.size()) {
    const ssize_t n = ::send(fd_.get(), request_.data() + written_, request_.size() - written_, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return loop_.change(fd_.get(), EPOLLIN | EPOLLOUT);
    if (n < 0) return finish(Outcome::kReset);
    written_ += static_cast<std::size_t>(n);
  }
  loop_.change(fd_.get(), EPOLLIN);
}

void InstanceConnection::read_some() {
  std::array<char, 65536> buffer;
  const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (!done_) return close();  // it closed, or spoke without being asked
  reply_.responded = monotonic_ns();
  if (n <= 0)
    return finish(n == 0 && parser_.started() && parser_.finish().has_value() ? Outcome::kOk : Outcome::kReset);
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
  const auto taken = parser_.feed(bytes);
  if (!taken) return finish(Outcome::kMalformed);
  reply_.bytes.append(bytes.substr(0, *taken));
  if (!parser_.complete()) return;
  if (*taken != bytes.size()) return finish(Outcome::kMalformed);  // more than was asked for
  finish(Outcome::kOk);
}

void InstanceConnection::finish(Outcome outcome) {
  reply_.outcome = outcome;
  if (reply_.responded == 0) reply_.responded = monotonic_ns();
  reply_.keep_alive = outcome == Outcome::kOk && parser_.complete() && parser_.take().keep_alive;
  if (!reply_.keep_alive) close();
  std::exchange(done_, nullptr)(std::move(reply_));
}

}  // namespace lumos
