#include "http/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.h"

namespace lumos::http {
namespace {

// A descriptor number may be used again within one batch of events: the generation tells the old from the new.
epoll_event event_for(int fd, std::uint32_t generation, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = (static_cast<std::uint64_t>(generation) << 32) | static_cast<std::uint32_t>(fd);
  return event;
}

}  // namespace

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) { LUMOS_CHECK(epoll_.get() >= 0); }

void EventLoop::watch(int fd, std::uint32_t events, Handler handler) {
  auto watch = std::make_shared<Watch>(Watch{++generations_, std::move(handler)});
  epoll_event event = event_for(fd, watch->generation, events);
  LUMOS_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0);
  watches_[fd] = std::move(watch);
}

void EventLoop::change(int fd, std::uint32_t events) {
  epoll_event event = event_for(fd, watches_.at(fd)->generation, events);
  LUMOS_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void EventLoop::forget(int fd) {
  if (watches_.erase(fd) > 0) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

EventLoop::Timer EventLoop::after(Nanoseconds delay, std::function<void()> action) {
  const Timer timer{monotonic_ns() + delay.count(), ++timer_numbers_};
  timers_.emplace(timer, std::move(action));
  return timer;
}

void EventLoop::run_due_timers() {
  while (!stopped_ && !timers_.empty() && timers_.begin()->first.first <= monotonic_ns()) {
    auto node = timers_.extract(timers_.begin());
    node.mapped()();
  }
}

void EventLoop::run() {
  std::array<epoll_event, 64> events{};
  while (!stopped_) {
    run_due_timers();
    if (stopped_) return;
    const std::int64_t wait =
        timers_.empty() ? -1 : std::max<std::int64_t>(0, timers_.begin()->first.first - monotonic_ns());
    const timespec timeout{wait / 1'000'000'000, wait % 1'000'000'000};
    const int n = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                 wait < 0 ? nullptr : &timeout, nullptr);
    LUMOS_CHECK(n >= 0 || errno == EINTR);
    for (int i = 0; i < n && !stopped_; ++i) {
      const std::uint64_t data = events[static_cast<std::size_t>(i)].data.u64;
      const auto found = watches_.find(static_cast<int>(data & 0xffffffff));
      if (found == watches_.end() || found->second->generation != data >> 32) continue;
      const auto watch = found->second;  // lives on when its handler forgets it
      watch->handler(events[static_cast<std::size_t>(i)].events);
    }
  }
}

}  // namespace lumos::http
