// The autoscaler of one deployment, with what it has observed.
#pragma once

#include "policy/autoscaler.h"
#include "policy/concurrency_window.h"

namespace lumos {

/// Knative's autoscaler (policy/autoscaler.h) with its memory. Times are given and never go back. One thread.
class Scaler {
 public:
  explicit Scaler(const Scaling& scaling);

  Nanoseconds tick_interval() const { return config_.tick_interval; }

  /// From `now` on so many requests are in the deployment, waiting or in an instance.
  void observe(Nanoseconds now, int requests) { window_.set(now, requests); }

  /// One tick. `ready`: instances that could take requests.
  ScaleDecision tick(Nanoseconds now, int ready);

  /// A request has met no instance, and none is being made: what it asks for before the next tick.
  ScaleDecision activate(Nanoseconds now);

 private:
  AutoscalerConfig config_;
  AutoscalerState state_;
  ConcurrencyWindow window_;
};

}  // namespace lumos
