// How many instances a deployment should have: Knative's pod autoscaler (KPA) on the metric concurrency, with Knative's
// names and defaults. Pure functions of what was observed and of the time, shared by the gateway and the simulator.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "record/scaling.h"

namespace lumos {

/// The settings of `config-autoscaler` and of a revision's annotations, without those of other metrics and of the
/// activator's place in the path: here the gateway is always in it.
struct AutoscalerConfig {
  int container_concurrency = 0;  // requests at a time in one instance; 0: as many as come
  double container_concurrency_target_percentage = 70;
  double container_concurrency_target_default = 100;  // where container_concurrency is 0
  Nanoseconds stable_window = std::chrono::seconds(60);
  double panic_window_percentage = 10;  // of the stable window
  double panic_threshold_percentage = 200;
  double max_scale_up_rate = 1000;  // desired over ready, at most
  double max_scale_down_rate = 2;   // ready over desired, at most
  int min_scale = 0;
  int max_scale = 0;         // 0: no bound
  int initial_scale = 1;     // reached once before anything lower is wanted
  int activation_scale = 1;  // at least so many when there is any demand
  bool enable_scale_to_zero = true;
  Nanoseconds scale_to_zero_grace_period = std::chrono::seconds(30);  // for the gateway to come into the path
  Nanoseconds scale_to_zero_pod_retention_period{0};                  // the last instance is kept so much longer
  Nanoseconds scale_down_delay{0};
  Nanoseconds tick_interval = std::chrono::seconds(2);

  /// With what an experiment says; the rest is Knative's default.
  static AutoscalerConfig of(const Scaling& scaling);

  /// Concurrency that one instance is meant to have.
  double target() const;
  /// To the nearest second, at least one.
  Nanoseconds panic_window() const;
};

/// What is seen at one tick. Concurrency is that of the deployment: requests waiting and in instances
/// (policy/concurrency_window.h).
struct ScaleObservation {
  Nanoseconds now{0};
  std::optional<double> stable_concurrency, panic_concurrency;  // means over the two windows; nullopt: no data
  int ready = 0;                                                // instances that could take requests
  Nanoseconds gateway_in_path = Nanoseconds::max();             // for how long
};

/// What one decision leaves to the next.
struct AutoscalerState {
  std::optional<Nanoseconds> panic_since;     // last time over the threshold; nullopt: stable mode
  int most_in_panic = 0;                      // desired so far in this panic
  std::optional<Nanoseconds> inactive_since;  // since when nothing is wanted
  std::optional<Nanoseconds> active_since;
  bool initial_reached = false;
  std::deque<std::pair<Nanoseconds, int>> recent;  // desired in the last scale_down_delay
};

/// One tick: the decision, and the state for the next one.
std::pair<ScaleDecision, AutoscalerState> decide_scale(const AutoscalerConfig& config, AutoscalerState state,
                                                       const ScaleObservation& seen);

}  // namespace lumos
