// Knative Serving's algorithm (pkg/autoscaler/scaling, pkg/reconciler/autoscaling/kpa; docs: knative.dev,
// "Autoscaling"): the concurrency over a window, divided by the target of one instance, is the scale wanted. Two
// windows: the stable one, and a short one for panic, which begins when that window wants `panic_threshold_percentage`
// of what is ready, keeps the scale from falling, and ends when the threshold was not passed for a whole stable window.
// Then come rates, bounds and the rules for the last instance.
#include "policy/autoscaler.h"

#include <algorithm>
#include <cmath>

namespace lumos {
namespace {

constexpr double kLeastTarget = 0.01;

struct Wanted {
  int count = 0;
  ScaleReason reason = ScaleReason::kStable;

  void at_least(int bound, ScaleReason why) {
    if (count < bound) *this = {bound, why};
  }
  void at_most(int bound, ScaleReason why) {
    if (count > bound) *this = {bound, why};
  }
};

double instances_for(double concurrency, const AutoscalerConfig& c) { return std::ceil(concurrency / c.target()); }

// What a concurrency asks for, as far as one tick may go from what is ready.
Wanted wanted_for(double concurrency, ScaleReason why, int ready, const AutoscalerConfig& c) {
  const double most = std::ceil(c.max_scale_up_rate * ready), least = std::floor(ready / c.max_scale_down_rate);
  const double wish = instances_for(concurrency, c), limited = std::min(std::max(wish, least), most);
  Wanted wanted{static_cast<int>(limited), limited == wish ? why : ScaleReason::kRateLimit};
  if (wish > 0) wanted.at_least(c.activation_scale, ScaleReason::kActivation);
  return wanted;
}

void update_panic(AutoscalerState& state, const ScaleObservation& seen, int ready, const AutoscalerConfig& c) {
  if (instances_for(*seen.panic_concurrency, c) / ready >= c.panic_threshold_percentage / 100) {
    state.panic_since = seen.now;
  } else if (state.panic_since && *state.panic_since + c.stable_window < seen.now) {
    state.panic_since.reset();
    state.most_in_panic = 0;
  }
}

Wanted in_panic(AutoscalerState& state, Wanted stable, Wanted panic) {
  Wanted wanted = panic.count > stable.count ? panic : stable;
  wanted.at_least(state.most_in_panic, ScaleReason::kPanic);
  state.most_in_panic = wanted.count;
  return wanted;
}

// The most that was wanted within the delay.
void delay_scale_down(AutoscalerState& state, Wanted& wanted, Nanoseconds now, Nanoseconds delay) {
  if (delay == Nanoseconds(0)) return;
  std::erase_if(state.recent,
                [&](const auto& past) { return past.first + delay <= now || past.second <= wanted.count; });
  state.recent.emplace_back(now, wanted.count);
  wanted.at_least(state.recent.front().second, ScaleReason::kDelay);
}

// Zero is reached by way of one: after a stable window of activity and the retention period, and when the gateway has
// been in the path for the grace period, so that nothing is lost.
void keep_last_instance(AutoscalerState& state, Wanted& wanted, const ScaleObservation& seen,
                        const AutoscalerConfig& c) {
  if (wanted.count > 0) {
    if (!state.active_since) state.active_since = seen.now;
    state.inactive_since.reset();
    return;
  }
  if (!c.enable_scale_to_zero) return wanted.at_least(1, ScaleReason::kLastInstance);
  if (state.active_since && seen.now - *state.active_since < c.stable_window)
    return wanted.at_least(1, ScaleReason::kLastInstance);
  if (!state.inactive_since) state.inactive_since = seen.now;
  state.active_since.reset();
  const Nanoseconds inactive = seen.now - *state.inactive_since;
  const bool reachable = std::max(inactive, seen.gateway_in_path) >= c.scale_to_zero_grace_period;
  if (inactive >= c.scale_to_zero_pod_retention_period && reachable) return;
  if (seen.ready > 0) wanted.at_least(1, ScaleReason::kLastInstance);
}

}  // namespace

AutoscalerConfig AutoscalerConfig::of(const Scaling& s) {
  return {.container_concurrency = static_cast<int>(s.container_concurrency),
          .container_concurrency_target_percentage = static_cast<double>(s.target_utilization_percentage),
          .stable_window = s.stable_window,
          .panic_window_percentage = static_cast<double>(s.panic_window_percentage),
          .panic_threshold_percentage = static_cast<double>(s.panic_threshold_percentage),
          .min_scale = static_cast<int>(s.min_scale),
          .max_scale = static_cast<int>(s.max_scale),
          .initial_scale = static_cast<int>(s.initial_scale),
          .scale_to_zero_grace_period = s.scale_to_zero_grace_period,
          .scale_to_zero_pod_retention_period = s.keep_alive.value_or(Nanoseconds(0))};
}

double AutoscalerConfig::target() const {
  const double total = container_concurrency > 0 ? container_concurrency : container_concurrency_target_default;
  return std::max(kLeastTarget, total * container_concurrency_target_percentage / 100);
}

Nanoseconds AutoscalerConfig::panic_window() const {
  const double seconds = std::chrono::duration<double>(stable_window).count() * panic_window_percentage / 100;
  return std::chrono::seconds(std::max<std::int64_t>(1, std::llround(seconds)));
}

std::pair<ScaleDecision, AutoscalerState> decide_scale(const AutoscalerConfig& c, AutoscalerState state,
                                                       const ScaleObservation& seen) {
  Wanted wanted{seen.ready, ScaleReason::kNoData};
  if (seen.stable_concurrency && seen.panic_concurrency) {
    const int ready = std::max(1, seen.ready);
    wanted = wanted_for(*seen.stable_concurrency, ScaleReason::kStable, ready, c);
    const Wanted panic = wanted_for(*seen.panic_concurrency, ScaleReason::kPanic, ready, c);
    update_panic(state, seen, ready, c);
    if (state.panic_since) wanted = in_panic(state, wanted, panic);
    delay_scale_down(state, wanted, seen.now, c.scale_down_delay);
  }
  state.initial_reached = state.initial_reached || seen.ready >= c.initial_scale;
  if (!state.initial_reached) wanted.at_least(c.initial_scale, ScaleReason::kInitial);
  wanted.at_least(c.min_scale, ScaleReason::kMinScale);
  if (c.max_scale > 0) wanted.at_most(c.max_scale, ScaleReason::kMaxScale);
  keep_last_instance(state, wanted, seen, c);
  return {{.time = seen.now,
           .stable_concurrency = seen.stable_concurrency,
           .panic_concurrency = seen.panic_concurrency,
           .desired = wanted.count,
           .actual = seen.ready,
           .panicking = state.panic_since.has_value(),
           .reason = wanted.reason},
          std::move(state)};
}

}  // namespace lumos
