#include "control/gateway/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace lumos {

Client::Client(http::EventLoop& loop, Fd fd, std::function<void(http::Message)> on_request,
               std::function<void()> on_gone)
    : loop_(loop), fd_(std::move(fd)), on_request_(std::move(on_request)), on_gone_(std::move(on_gone)) {
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  loop_.watch(fd_.get(), EPOLLIN, [this](std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) return write_some();
    read_some();
  });
}

Client::~Client() { loop_.forget(fd_.get()); }

// While a response is due nothing is read: what the client sends meanwhile waits in the kernel.
void Client::read_some() {
  std::array<char, 65536> buffer;
  const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return on_gone_();
  in_.append(buffer.data(), static_cast<std::size_t>(n));
  parse_buffered();
}

void Client::parse_buffered() {
  if (busy_ || in_.empty()) return;
  const auto taken = parser_.feed(in_);
  if (!taken) return refuse();
  in_.erase(0, *taken);
  if (!parser_.complete()) return;
  busy_ = true;
  loop_.change(fd_.get(), 0);
  http::Message message = parser_.take();
  keep_alive_asked_ = message.keep_alive;
  on_request_(std::move(message));
}

void Client::refuse() {
  in_.clear();
  busy_ = true;
  respond(http::format_response(400, R"({"error":"not valid HTTP"})", false), false);
}

void Client::respond(std::string bytes, bool keep_alive) {
  out_ = std::move(bytes);
  written_ = 0;
  close_after_ = !keep_alive || !keep_alive_asked_;
  write_some();
}

void Client::write_some() {
  while (written_ < out_.size()) {
    const ssize_t n = ::send(fd_.get(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return loop_.change(fd_.get(), EPOLLOUT);
    if (n < 0) return on_gone_();
    written_ += static_cast<std::size_t>(n);
  }
  if (close_after_) return on_gone_();
  busy_ = false;
  loop_.change(fd_.get(), EPOLLIN);
  parse_buffered();
}

}  // namespace lumos
