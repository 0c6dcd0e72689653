// The descriptor is watched edge-triggered and once: a request costs no call to change what is watched. So whoever
// stops reading before the kernel has nothing more must remember it (`readable_`).
#include "control/gateway/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace lumos {
namespace {

constexpr Nanoseconds kLinger = std::chrono::seconds(1);

}  // namespace

Client::Client(http::EventLoop& loop, Fd fd, std::int64_t id, const ClientLimits& limits, ClientEvents& events)
    : loop_(loop), fd_(std::move(fd)), id_(id), limits_(limits), events_(events) {
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  loop_.watch(fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, [this](std::uint32_t e) { on_event(e); });
}

Client::~Client() {
  free_time();
  if (held_ > 0) (void)events_.hold(-held_);
  loop_.forget(fd_.get());
}

void Client::on_event(std::uint32_t events) {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) readable_ = true;
  if (state_ == State::kWriting && (events & EPOLLOUT) != 0) write_some();
  advance();
}

// A loop, not a recursion: a request may be answered before this returns from handing it on.
void Client::advance() {
  if (std::exchange(advancing_, true)) return;
  while (state_ == State::kReading || state_ == State::kLingering) {
    if (state_ == State::kReading && !in_.empty()) {
      take(std::exchange(in_, {}));
    } else if (!readable_ || !receive()) {
      break;
    }
  }
  advancing_ = false;
}

// False when there is nothing more for now.
bool Client::receive() {
  std::array<char, 65536> buffer;
  const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (n < 0 && errno == EINTR) return true;
  if (n < 0 && errno == EAGAIN) {
    readable_ = false;
    return false;
  }
  if (n <= 0) {
    leave();
    return false;
  }
  // Less than there was room for: all there was. An end that came with it will not be told again.
  if (static_cast<std::size_t>(n) < buffer.size()) readable_ = hung_up_;
  if (state_ == State::kReading) take({buffer.data(), static_cast<std::size_t>(n)});
  return true;
}

// Bytes in state kReading.
void Client::take(std::string_view bytes) {
  const auto taken = parser_.feed(bytes);
  if (!taken) return refuse(400, "not valid HTTP");
  held_ += static_cast<std::int64_t>(*taken);
  if (!events_.hold(static_cast<std::int64_t>(*taken)))
    return refuse(503, "the gateway holds too many bytes of requests");
  if (!parser_.complete()) {
    if (!timer_) limit_time(limits_.header_timeout, &Client::read_too_slowly);
    if (parser_.head_complete() && !std::exchange(in_body_, true))
      limit_time(limits_.body_timeout, &Client::read_too_slowly);
    return;
  }
  in_.assign(bytes.substr(*taken));
  free_time();
  in_body_ = false;
  state_ = State::kBusy;
  const http::Message message = parser_.take();
  keep_alive_asked_ = message.keep_alive;
  events_.on_request(*this, message);
}

void Client::refuse(int status, std::string_view why) {
  in_.clear();
  free_time();
  linger_after_ = true;
  state_ = State::kBusy;
  respond(http::format_response(status, std::format(R"({{"error":"{}"}})", why), false), false);
}

void Client::read_too_slowly() { refuse(408, "the request did not come in time"); }

void Client::respond(std::string bytes, bool keep_alive) {
  if (state_ != State::kBusy) return;  // it left meanwhile
  out_ = std::move(bytes);
  written_ = 0;
  close_after_ = !keep_alive || !keep_alive_asked_;
  state_ = State::kWriting;
  write_some();
  advance();
}

void Client::write_some() {
  while (written_ < out_.size()) {
    const ssize_t n = ::send(fd_.get(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) {
      if (!timer_) limit_time(limits_.write_timeout, &Client::leave);
      return;
    }
    if (n < 0) return leave();
    written_ += static_cast<std::size_t>(n);
  }
  free_time();
  if (held_ > 0) (void)events_.hold(-std::exchange(held_, 0));
  out_ = {};
  if (linger_after_) return linger();
  if (close_after_) return leave();
  state_ = State::kReading;
}

void Client::linger() {
  ::shutdown(fd_.get(), SHUT_WR);
  state_ = State::kLingering;
  readable_ = true;
  limit_time(kLinger, &Client::leave);
}

void Client::leave() {
  if (std::exchange(state_, State::kGone) != State::kGone) events_.on_gone(*this);
}

void Client::limit_time(Nanoseconds time, void (Client::*then)()) {
  free_time();
  timer_ = loop_.after(time, [this, then] {
    timer_.reset();
    (this->*then)();
  });
}

void Client::free_time() {
  if (timer_) loop_.cancel(*timer_);
  timer_.reset();
}

}  // namespace lumos
