// From an experiment to the plan of a run: the full cross product of its factors.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "record/plan.h"
#include "workload/experiment.h"

namespace lumos {

/// Derived columns (isolation, launcher, engine, mode) by runtime, from the runtimes' drivers: workload does not know
/// them.
using RuntimeTraits = std::map<std::string, nlohmann::ordered_json>;

/// One deployment per function and runtime, one cell per combination of factors; in the experiment's order, the first
/// factor (function) turning slowest. A runtime without entry in `traits` gets none. Digests and sizes of images are
/// filled by the build. `experiment` was validated against `catalogue`.
Plan expand(const Experiment& experiment, const FunctionCatalogue& catalogue, const RuntimeTraits& traits);

}  // namespace lumos
