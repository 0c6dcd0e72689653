// sdk/net.h on Linux.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "sdk/net.h"

namespace sdk {

inline int net_listen(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  // Linux hands these on to accepted connections, which saves two calls for each.
  const timeval timeout{kSendTimeoutS, 0};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  const bool listening = ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                         ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) == 0 &&
                         ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
                         ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                         ::listen(fd, 128) == 0;
  if (!listening && fd >= 0) ::close(fd);
  return listening ? fd : -1;
}

inline int net_accept(int listener) { return ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC); }

inline std::ptrdiff_t net_recv(int fd, char* into, std::size_t size) {
  std::ptrdiff_t n = -1;
  do n = ::recv(fd, into, size, 0);
  while (n < 0 && errno == EINTR);
  return n;
}

inline std::ptrdiff_t net_send(int fd, std::string_view head, std::string_view body) {
  iovec parts[] = {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  std::ptrdiff_t n = -1;
  do n = ::sendmsg(fd, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n;
}

inline void net_finish(int fd) { ::shutdown(fd, SHUT_WR); }
inline void net_close(int fd) { ::close(fd); }

inline bool net_wait(const std::vector<int>& fds, bool accepting, std::vector<Ready>& ready) {
  static std::vector<pollfd> entries;
  ready.clear();
  entries.clear();
  const std::size_t first = accepting ? 0 : 1;
  for (std::size_t i = first; i < fds.size(); ++i) entries.push_back({.fd = fds[i], .events = POLLIN, .revents = 0});
  if (::poll(entries.data(), entries.size(), -1) < 0) return errno == EINTR;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].revents != 0) ready.push_back({first + i, (entries[i].revents & POLLNVAL) != 0});
  }
  return true;
}

inline std::uint64_t now_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace sdk
