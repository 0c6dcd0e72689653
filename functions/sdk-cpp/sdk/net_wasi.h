// sdk/net.h in WasmEdge, as of 0.14.1: its sockets extend WASI preview 1, which has no way to make one.
//
// - sock_accept_v2, because plain sock_accept is an older two-argument form that clashes with the one in libc.
// - sock_setsockopt knows level SOL_SOCKET only, so TCP_NODELAY cannot be set.
// - Descriptors are random 31-bit numbers: nothing may be indexed by them.
#pragma once

#include "sdk/net.h"

namespace sdk {
namespace wasi {

struct Slice {
  const void* pointer;
  std::uint32_t size;
};

struct Subscription {
  std::uint64_t userdata = 0;
  alignas(8) std::uint8_t kind = 1;  // reading from a descriptor
  alignas(8) std::int32_t fd = -1;
  std::uint8_t unused[28] = {};
};
static_assert(sizeof(Subscription) == 48 && __builtin_offsetof(Subscription, fd) == 16);

struct Event {
  std::uint64_t userdata = 0;
  std::uint16_t error = 0;
  std::uint8_t kind = 0;
  alignas(8) std::uint64_t bytes = 0;
  std::uint16_t flags = 0;
};
static_assert(sizeof(Event) == 32 && __builtin_offsetof(Event, bytes) == 16);

#define LUMOS_WASI(name) \
  __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) extern std::uint32_t name
extern "C" {
LUMOS_WASI(sock_open)(std::uint32_t family, std::uint32_t kind, std::int32_t* fd);
LUMOS_WASI(sock_bind)(std::int32_t fd, const Slice* address, std::uint32_t port);
LUMOS_WASI(sock_listen)(std::int32_t fd, std::uint32_t backlog);
LUMOS_WASI(sock_accept_v2)(std::int32_t fd, std::uint32_t flags, std::int32_t* accepted);
LUMOS_WASI(sock_recv)
(std::int32_t fd, const Slice* into, std::uint32_t count, std::uint32_t flags, std::uint32_t* size, std::uint32_t* out);
LUMOS_WASI(sock_send)
(std::int32_t fd, const Slice* from, std::uint32_t count, std::uint32_t flags, std::uint32_t* size);
LUMOS_WASI(sock_setsockopt)
(std::int32_t fd, std::uint32_t level, std::uint32_t name, const void* value, std::uint32_t size);
LUMOS_WASI(sock_shutdown)(std::int32_t fd, std::uint32_t how);
LUMOS_WASI(fd_close)(std::int32_t fd);
LUMOS_WASI(poll_oneoff)
(const Subscription* subscriptions, Event* events, std::uint32_t count, std::uint32_t* found);
LUMOS_WASI(clock_time_get)(std::uint32_t clock, std::uint64_t precision, std::uint64_t* time);
}
#undef LUMOS_WASI

}  // namespace wasi

inline int net_listen(std::uint16_t port) {
  constexpr std::uint32_t kInet4 = 1, kStream = 2, kSocket = 0, kReuseAddress = 0, kSendTimeout = 12;
  std::int32_t fd = -1;
  if (wasi::sock_open(kInet4, kStream, &fd) != 0) return -1;
  const std::int32_t on = 1;
  const std::int64_t timeout[] = {kSendTimeoutS, 0};  // the host's struct timeval
  const std::uint8_t any[4] = {};
  const wasi::Slice address{any, sizeof any};
  const bool listening = wasi::sock_setsockopt(fd, kSocket, kReuseAddress, &on, sizeof on) == 0 &&
                         wasi::sock_setsockopt(fd, kSocket, kSendTimeout, timeout, sizeof timeout) == 0 &&
                         wasi::sock_bind(fd, &address, port) == 0 && wasi::sock_listen(fd, 128) == 0;
  if (!listening) wasi::fd_close(fd);
  return listening ? fd : -1;
}

inline int net_accept(int listener) {
  std::int32_t fd = -1;
  return wasi::sock_accept_v2(listener, 0, &fd) == 0 ? fd : -1;
}

inline std::ptrdiff_t net_recv(int fd, char* into, std::size_t size) {
  const wasi::Slice target{into, static_cast<std::uint32_t>(size)};
  std::uint32_t count = 0, flags = 0;
  return wasi::sock_recv(fd, &target, 1, 0, &count, &flags) == 0 ? static_cast<std::ptrdiff_t>(count) : -1;
}

inline std::ptrdiff_t net_send(int fd, std::string_view head, std::string_view body) {
  const wasi::Slice parts[] = {{head.data(), static_cast<std::uint32_t>(head.size())},
                               {body.data(), static_cast<std::uint32_t>(body.size())}};
  std::uint32_t count = 0;
  return wasi::sock_send(fd, parts, 2, 0, &count) == 0 ? static_cast<std::ptrdiff_t>(count) : -1;
}

inline void net_finish(int fd) { wasi::sock_shutdown(fd, 2); }
inline void net_close(int fd) { wasi::fd_close(fd); }

inline bool net_wait(const std::vector<int>& fds, bool accepting, std::vector<Ready>& ready) {
  constexpr std::uint16_t kExists = 20, kInterrupted = 27;
  static std::vector<wasi::Subscription> subscriptions;
  static std::vector<wasi::Event> events;
  ready.clear();
  subscriptions.clear();
  for (std::size_t i = accepting ? 0 : 1; i < fds.size(); ++i) {
    wasi::Subscription s;
    s.userdata = i;
    s.fd = fds[i];
    subscriptions.push_back(s);
  }
  if (events.size() < subscriptions.size()) events.resize(subscriptions.size());
  std::uint32_t found = 0;
  const auto count = static_cast<std::uint32_t>(subscriptions.size());
  if (wasi::poll_oneoff(subscriptions.data(), events.data(), count, &found) != 0) return false;
  for (std::uint32_t i = 0; i < found; ++i) {
    // A pause of the process ends the wait with the first, and the next wait then has the second, for every socket that
    // cannot be read. Neither says anything.
    if (events[i].error == kExists || events[i].error == kInterrupted) continue;
    ready.push_back({static_cast<std::size_t>(events[i].userdata), events[i].error != 0});
  }
  return true;
}

inline std::uint64_t now_ns() {
  std::uint64_t time = 0;
  wasi::clock_time_get(1, 1, &time);
  return time;
}

}  // namespace sdk
