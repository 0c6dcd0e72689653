// The time series of living instances, kept in the gateway until the conductor reads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "base/clock.h"
#include "record/wire.h"
#include "telemetry/cgroup_counters.h"

namespace lumos {

/// Nothing is sent while anything may be timed, and nothing that a slow conductor could block: points wait here, at
/// most `limit` of them. A tick that came too late, or found no room, is counted for every instance that was due. One
/// thread.
class SeriesLog {
 public:
  /// Ticks are due every `period` from `origin` on.
  SeriesLog(Nanoseconds period, std::int64_t origin, std::size_t limit = 600'000)
      : period_(period.count()), origin_(origin), limit_(limit) {}

  /// From `now`, which is not before `origin`, to the next tick that is due: those that have passed are skipped.
  Nanoseconds until_next(std::int64_t now) const { return Nanoseconds(period_ - (now - origin_) % period_); }

  /// One tick of one instance; nothing when its group is gone.
  void read(std::int64_t instance, const CgroupCounters& counters, std::int64_t now);

  /// Ticks of the instance that were due between its first and its last and are not recorded.
  std::int64_t missed(std::int64_t instance) const;

  /// Hands on what there is of the instance, in messages, and forgets it.
  void take(std::int64_t instance, const std::function<void(const wire::SeriesRecord&)>& to);

 private:
  struct Series {
    std::vector<wire::SeriesRecord::Point> points;
    std::int64_t last = -1;  // number of its last tick since the origin
    std::int64_t missed = 0;
  };

  std::int64_t period_, origin_;
  std::size_t limit_;
  std::size_t held_ = 0;  // points, of all instances
  std::map<std::int64_t, Series> series_;
};

}  // namespace lumos
