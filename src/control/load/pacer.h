// Waiting for the next request's time without missing it.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.h"

namespace lumos {

/// Waits for descriptors or for a time, whichever comes first. A sleeping thread wakes late by tens of microseconds;
/// this one wakes early and looks again and again until it is time. One thread.
class Pacer {
 public:
  /// Waits at most so long for a descriptor, not at all for 0; how many are ready, negative for a signal.
  using Poll = std::function<int(Nanoseconds timeout)>;

  /// `spin`: how long before the time it wakes at most; 0 never looks again and again, as is fair to others on the
  /// core.
  Pacer(const Clock& clock, Nanoseconds spin, Poll poll) : clock_(clock), spin_(spin), poll_(std::move(poll)) {}

  /// How many descriptors are ready; 0 at `until`, or at a signal.
  int wait(std::int64_t until);

  /// CPU time that was spent on looking.
  Nanoseconds spun() const { return spun_; }

 private:
  const Clock& clock_;
  Nanoseconds spin_, spun_{0};
  Poll poll_;
};

}  // namespace lumos
