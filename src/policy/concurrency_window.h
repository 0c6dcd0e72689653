// A deployment's concurrency over the last seconds: what the autoscaler observes.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace lumos {

/// Integrates the number of requests in the deployment, second by second, as long back as asked. Times never go back.
/// One thread.
class ConcurrencyWindow {
 public:
  explicit ConcurrencyWindow(Nanoseconds longest) : longest_(longest) {}

  /// From `now` on so many requests are in the deployment, waiting or in an instance.
  void set(Nanoseconds now, int requests);

  /// Mean over the whole seconds that have ended in the last `window`, or over as many as there were since the first
  /// `set`. nullopt: not one.
  std::optional<double> mean(Nanoseconds now, Nanoseconds window);

 private:
  void advance(Nanoseconds now);

  Nanoseconds longest_;
  std::optional<Nanoseconds> at_;  // integrated up to here
  int requests_ = 0;
  double current_ = 0;          // of the second under way
  std::deque<double> seconds_;  // ended, the newest last
};

}  // namespace lumos
