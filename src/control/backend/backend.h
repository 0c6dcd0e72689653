// Where instances run, as the conductor sees it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "record/load.h"
#include "record/plan.h"
#include "record/sample.h"

namespace lumos {

/// Makes, invokes and removes instances of a plan's deployments. One thread.
/// A failed invocation is a Sample with its outcome; an Error means that the backend itself is broken and the run must
/// end.
class Backend {
 public:
  /// An extra cold start that was looked into: its one invocation, and its instance with the steps of its creation.
  struct Probe {
    Sample sample;
    std::vector<Instance> instances;
  };

  /// What one repetition of a load came to, and the samples of it that were kept.
  struct Load {
    LoadRecord record;  // its window is shorter than the cell's when it was interrupted
    std::vector<Sample> samples;
  };

  struct LoadTask {
    std::int64_t first_sample = 1;  // Sample::id of the window's first request; the others follow
    std::int64_t repetition = 0;    // decides the arrivals
    std::function<void(const LoadStanding&)> progress = [](const LoadStanding&) {};  // once a second
    std::function<bool()> interrupted = [] { return false; };
  };

  /// What became of bringing instances up ahead of demand.
  struct Preparation {
    std::int64_t ready = 0;  // instances
    std::string failure;     // why not all are; empty: they are
  };

  virtual ~Backend() = default;

  /// Brings max(min_scale, initial_scale) instances of a deployment up ahead of demand, and waits until all are ready
  /// or one failed. Nothing where nothing is scaled.
  virtual Expected<Preparation> prepare(std::int64_t /*deployment*/) { return Preparation{}; }

  /// One invocation of the cell, complete: `id`, `outcome`, stamps, spans, start.
  virtual Expected<Sample> invoke(const Cell& cell, std::int64_t sample) = 0;

  /// One repetition of a cell that has a load: its instances are made, then asked without being counted, then within
  /// the window, until all of it has ended. The instances live on.
  virtual Expected<Load> load(const Cell&, const LoadTask&) {
    return fail(ErrorCode::kUsage, "this backend plays no loads");
  }

  /// Ends every instance of a deployment; returns what is known of those that ended since the last call.
  virtual Expected<std::vector<Instance>> retire(std::int64_t deployment) = 0;

  /// What the autoscalers decided since the last call; the visit is left to the caller.
  virtual std::vector<ScaleDecision> take_decisions() { return {}; }

  /// Before a cold start: brings the files that it reads into the states that the cell's factors name, and reads what
  /// came of it; nothing where there are no files.
  virtual CacheUse set_cache(const Cell&) { return {}; }

  /// Before a visit: sets the neighbour that the cell's factors name to work; nothing where they name none.
  virtual Expected<> begin_neighbour(const Cell&) { return {}; }

  /// After it: ends the neighbour, and says what it did.
  virtual NeighbourUse end_neighbour() { return {}; }

  /// Before a visit: what invocations of the cell read is in its storage, and nothing is where they write. Nothing to
  /// do for a cell without storage. Error: the storage failed.
  virtual Expected<> fill_storage(const Cell&) { return {}; }

  /// After an invocation that was answered: what is wrong with the result that it left in storage; "": nothing. Error:
  /// the storage failed.
  virtual Expected<std::string> look_at_stored(const Cell&) { return std::string(); }

  /// A probe of the cell, from invocation to removal. nullopt: nothing of the cell can be looked into.
  virtual Expected<std::optional<Probe>> probe(const Cell&, std::int64_t /*sample*/) { return std::nullopt; }

  /// Brings so many instances of the cell's deployment to life side by side, reads what all that live take before the
  /// first and after each, and ends them. Empty where nothing is measured.
  virtual Expected<std::vector<DensityPoint>> density(const Cell&, std::int64_t /*instances*/) {
    return std::vector<DensityPoint>{};
  }

  /// The machine's counters now, for the noise of a window; nothing where nothing is measured. Takes a millisecond:
  /// between visits.
  virtual MachineUse machine() const { return {}; }

  /// The time by which the run's budget is counted.
  virtual const Clock& clock() const = 0;

  /// For the manifest: placement, versions, what is emulated.
  virtual nlohmann::ordered_json describe() const = 0;
};

}  // namespace lumos
