#include "control/gateway/scaler.h"

#include <algorithm>

namespace lumos {

Scaler::Scaler(const Scaling& scaling)
    : config_(AutoscalerConfig::of(scaling)), window_(std::max(config_.stable_window, config_.panic_window())) {}

ScaleDecision Scaler::tick(Nanoseconds now, int ready) {
  auto [decision, next] = decide_scale(config_, std::move(state_),
                                       {.now = now,
                                        .stable_concurrency = window_.mean(now, config_.stable_window),
                                        .panic_concurrency = window_.mean(now, config_.panic_window()),
                                        .ready = ready});
  state_ = std::move(next);
  return decision;
}

// Knative's activator reports to the autoscaler at once when a request meets a deployment at zero.
ScaleDecision Scaler::activate(Nanoseconds now) {
  return {.time = now,
          .stable_concurrency = window_.mean(now, config_.stable_window),
          .panic_concurrency = window_.mean(now, config_.panic_window()),
          .desired = std::max({1, config_.activation_scale, config_.min_scale}),
          .panicking = state_.panic_since.has_value(),
          .reason = ScaleReason::kActivation};
}

}  // namespace lumos
