#include "control/load/collector.h"

namespace lumos {

void Collector::ended(const LoadSample& sample) {
  ++counts_[static_cast<std::size_t>(sample.outcome)];
  if (sample.sent != LoadSample::kNever && sample.sent - kGrace.count() < window_end_) ++sent_;
  if (sample.outcome == Outcome::kOk) {
    latency_.add(sample.done - sample.intended);
    latency_of_ok_.add(sample.done - sample.intended);
  } else {
    latency_.add_infinite();
  }
  samples_.add(sample);
}

}  // namespace lumos
