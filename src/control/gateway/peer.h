// Another process of the run, as the gateway speaks to it.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <type_traits>
#include <vector>

#include "base/channel.h"
#include "http/event_loop.h"

namespace lumos {

/// Messages to it never make this process wait: what the channel does not take at once is kept, in order, until it
/// does. Its own messages call `on_message`. When it is gone the loop is stopped. One thread (the loop's).
class Peer {
 public:
  Peer(http::EventLoop& loop, Channel channel, std::function<void(const Channel&)> on_message);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  template <typename T>
  void send(const T& message) {
    static_assert(std::is_trivially_copyable_v<T>);
    send_bytes(reinterpret_cast<const std::byte*>(&message), sizeof message);
  }

  /// Messages that are kept.
  std::size_t waiting() const { return waiting_.size(); }

 private:
  void send_bytes(const std::byte* bytes, std::size_t size);
  bool try_send(const std::byte* bytes, std::size_t size);
  void flush();

  http::EventLoop& loop_;
  Channel channel_;
  std::function<void(const Channel&)> on_message_;
  std::deque<std::vector<std::byte>> waiting_;
};

}  // namespace lumos
