// SOCK_SEQPACKET pairs between the processes of one run: whole messages of trivially copyable types.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"

namespace lumos {

/// One end. One thread.
class Channel {
 public:
  Channel() = default;
  explicit Channel(Fd fd) : fd_(std::move(fd)) {}

  /// Two connected ends, close-on-exec.
  static Expected<std::pair<Channel, Channel>> pair();

  int fd() const { return fd_.get(); }
  void close() { fd_.reset(); }

  /// Error: the peer is gone.
  template <typename T>
  Expected<> send(const T& message) const {
    static_assert(std::is_trivially_copyable_v<T>);
    return send_bytes(&message, sizeof message);
  }

  /// Waits at most `timeout` (negative: for ever) for a message of exactly T; nullopt when none came in time.
  /// Error: the peer is gone, or its message has another size.
  template <typename T>
  Expected<std::optional<T>> receive(Nanoseconds timeout = Nanoseconds(-1)) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T message;
    const std::size_t size = LUMOS_TRY(receive_bytes(&message, sizeof message, timeout));
    if (size == 0) return std::optional<T>();
    if (size != sizeof message)
      return fail(ErrorCode::kInternal, "a message of {} bytes where {} were due", size, sizeof message);
    return std::optional<T>(message);
  }

  /// The next message's bytes into `buffer`; 0 when none came in time. For channels that carry several types.
  Expected<std::size_t> receive_bytes(void* buffer, std::size_t capacity, Nanoseconds timeout) const;

 private:
  Expected<> send_bytes(const void* data, std::size_t size) const;
  Fd fd_;
};

}  // namespace lumos
