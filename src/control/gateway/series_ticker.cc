#include "control/gateway/series_ticker.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace lumos {

SeriesTicker::SeriesTicker(http::EventLoop& loop, Nanoseconds period, const CgroupTree& cgroups, Instances& instances)
    : loop_(loop), period_(period), cgroups_(cgroups), instances_(instances) {
  if (period == Nanoseconds(0)) return;
  ticks_ = Fd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!ticks_) return;
  log_.emplace(period, monotonic_ns());
  loop_.watch(ticks_.get(), EPOLLIN, [this](std::uint32_t) { tick(); });
}

SeriesTicker::~SeriesTicker() {
  if (ticks_) loop_.forget(ticks_.get());
}

void SeriesTicker::on_created() {
  if (log_ && !ticking_) set_ticks(true);
}

void SeriesTicker::on_removed(std::size_t deployment, wire::InstanceRecord& record) {
  if (!log_) return;
  InstanceCounters counters = wire::unpack(record.counters);
  counters.series_missed = log_->missed(record.instance);
  record.counters = wire::pack(counters);
  ended_[deployment].push_back(record.instance);
}

void SeriesTicker::send(std::size_t deployment, Peer& conductor) {
  for (const std::int64_t id : std::exchange(ended_[deployment], {}))
    log_->take(id, [&](const wire::SeriesRecord& record) { conductor.send(record); });
}

void SeriesTicker::set_ticks(bool on) {
  const auto spec = [](Nanoseconds t) {
    return timespec{.tv_sec = t.count() / 1'000'000'000, .tv_nsec = t.count() % 1'000'000'000};
  };
  itimerspec when{};
  if (on) when = {.it_interval = spec(period_), .it_value = spec(log_->until_next(monotonic_ns()))};
  ::timerfd_settime(ticks_.get(), 0, &when, nullptr);
  ticking_ = on;
}

void SeriesTicker::tick() {
  std::uint64_t expired = 0;
  (void)!::read(ticks_.get(), &expired, sizeof expired);
  const std::int64_t now = monotonic_ns();
  for (auto& [id, instance] : instances_.all()) {
    if (instance.launch.cgroup.bytes[0] == 0) continue;  // not launched yet
    if (!instance.counters) instance.counters = CgroupCounters::open(cgroups_, instance.launch.cgroup.str());
    log_->read(id, *instance.counters, now);
  }
  if (instances_.all().empty()) set_ticks(false);
}

}  // namespace lumos
