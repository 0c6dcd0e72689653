#include "control/gateway/peer.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace lumos {

Peer::Peer(http::EventLoop& loop, Channel channel, std::function<void(const Channel&)> on_message)
    : loop_(loop), channel_(std::move(channel)), on_message_(std::move(on_message)) {
  loop_.watch(channel_.fd(), EPOLLIN, [this](std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) flush();
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) on_message_(channel_);
  });
}

Peer::~Peer() { loop_.forget(channel_.fd()); }

// False when there is no room for it.
bool Peer::try_send(const std::byte* bytes, std::size_t size) {
  while (::send(channel_.fd(), bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    if (errno == EAGAIN) return false;
    if (errno == EINTR) continue;
    loop_.stop();
    return true;
  }
  return true;
}

void Peer::send_bytes(const std::byte* bytes, std::size_t size) {
  if (waiting_.empty() && try_send(bytes, size)) return;
  if (waiting_.empty()) loop_.change(channel_.fd(), EPOLLIN | EPOLLOUT);
  waiting_.emplace_back(bytes, bytes + size);
}

void Peer::flush() {
  while (!waiting_.empty()) {
    if (!try_send(waiting_.front().data(), waiting_.front().size())) return;
    waiting_.pop_front();
  }
  loop_.change(channel_.fd(), EPOLLIN);
}

}  // namespace lumos
