// Where instances run, as the conductor sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "record/plan.h"
#include "record/sample.h"

namespace lumos {

/// Makes, invokes and removes instances of a plan's deployments. One thread.
/// A failed invocation is a Sample with its outcome; an Error means that the backend itself is broken and the run must
/// end.
class Backend {
 public:
  virtual ~Backend() = default;

  /// One invocation of the cell, complete: `id`, `outcome`, stamps, spans, start.
  virtual Expected<Sample> invoke(const Cell& cell, std::int64_t sample) = 0;

  /// Ends every instance of a deployment; returns what is known of those that ended since the last call.
  virtual Expected<std::vector<Instance>> retire(std::int64_t deployment) = 0;

  /// The machine's counters now, for the noise of a window; nothing where nothing is measured. Takes a millisecond:
  /// between visits.
  virtual MachineUse machine() const { return {}; }

  /// The time by which the run's budget is counted.
  virtual const Clock& clock() const = 0;

  /// For the manifest: placement, versions, what is emulated.
  virtual nlohmann::ordered_json describe() const = 0;
};

}  // namespace lumos
