// Sockets and the clock: the seam between native code and WebAssembly, and all that differs between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace sdk {

/// What net_wait found. 0 is the listener, i + 1 the i-th connection. Broken: it cannot be waited on any more.
struct Ready {
  std::size_t index = 0;
  bool broken = false;
};

/// A peer that takes nothing for so long is given up, because nobody else is served meanwhile.
inline constexpr std::int64_t kSendTimeoutS = 60;

// Negative: it failed. A descriptor is closed by net_close alone.

/// Listens on every IPv4 address, also while connections of a predecessor linger.
int net_listen(std::uint16_t port);
/// The next connection; blocks when there is none.
int net_accept(int listener);
/// What has arrived, at most `size` bytes; 0: the peer sends no more.
std::ptrdiff_t net_recv(int fd, char* into, std::size_t size);
/// Sends some of both parts, in one segment train where they fit; returns how many bytes.
std::ptrdiff_t net_send(int fd, std::string_view head, std::string_view body);
/// Tells the peer that nothing more will be sent.
void net_finish(int fd);
void net_close(int fd);
/// Blocks until something can be read or accepted; `ready` may stay empty. The first descriptor is the listener, which
/// counts only while `accepting`. False: waiting failed for good.
bool net_wait(const std::vector<int>& fds, bool accepting, std::vector<Ready>& ready);
/// CLOCK_MONOTONIC.
std::uint64_t now_ns();

/// Sends both parts to their end.
inline bool net_send_all(int fd, std::string_view head, std::string_view body) {
  while (!head.empty() || !body.empty()) {
    const std::ptrdiff_t sent = net_send(fd, head, body);
    if (sent <= 0) return false;
    const std::size_t of_head =
        static_cast<std::size_t>(sent) < head.size() ? static_cast<std::size_t>(sent) : head.size();
    head.remove_prefix(of_head);
    body.remove_prefix(static_cast<std::size_t>(sent) - of_head);
  }
  return true;
}

}  // namespace sdk

#if defined(__wasi__)
#include "sdk/net_wasi.h"
#else
#include "sdk/net_native.h"
#endif
