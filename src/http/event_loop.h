// One epoll loop with timers: what the gateway and the live view run on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/fd.h"

namespace lumos::http {

/// Calls handlers when descriptors are ready and when timers are due. One thread. A handler may watch, forget and set
/// timers.
class EventLoop {
 public:
  using Handler = std::function<void(std::uint32_t events)>;
  using Timer = std::pair<std::int64_t, std::uint64_t>;  // due, ns; unique number

  EventLoop();

  /// Calls `handler` on `events` (EPOLLIN …; errors and hang-ups always) until `forget`. The descriptor stays the
  /// caller's.
  void watch(int fd, std::uint32_t events, Handler handler);
  void change(int fd, std::uint32_t events);
  /// Must be called before the descriptor is closed.
  void forget(int fd);

  /// Calls `action` once, not before `delay`.
  Timer after(Nanoseconds delay, std::function<void()> action);
  void cancel(const Timer& timer) { timers_.erase(timer); }

  /// Until `stop`.
  void run();
  void stop() { stopped_ = true; }

 private:
  struct Watch {
    std::uint32_t generation;
    Handler handler;
  };
  void run_due_timers();

  Fd epoll_;
  std::unordered_map<int, std::shared_ptr<Watch>> watches_;
  std::map<Timer, std::function<void()>> timers_;
  std::uint32_t generations_ = 0;
  std::uint64_t timer_numbers_ = 0;
  bool stopped_ = false;
};

}  // namespace lumos::http
