// From an experiment to the plan of a run: the cross product of its factors, as far as they apply.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "record/plan.h"
#include "workload/experiment.h"

namespace lumos {

/// What a runtime's driver knows and workload does not: its derived columns (isolation, launcher, engine, mode), and
/// what it executes.
struct RuntimeTraits {
  nlohmann::ordered_json columns = nlohmann::ordered_json::object();
  ArtefactKind artefact = ArtefactKind::kNative;
  bool resident = false;  // it is Lumos itself: its programs are in memory whatever an experiment says
};

/// Whether what is given runs on such a runtime: an image where binaries do, a module where modules do.
bool runs_on(const Given& given, const RuntimeTraits& runtime);

/// By runtime; one without entry has the defaults above.
using RuntimeTable = std::map<std::string, RuntimeTraits>;

/// One deployment per function, runtime, variant of the build that applies to the runtime, device, scaling, and
/// environment, one cell per combination of these with the other factors; in the experiment's order, function turning
/// slowest, then payload, runtime, variant, device, environment. A factor that does not apply is null and multiplies
/// nothing: the cache states of a warm cell. A command has cold cells only. A module's base is scratch, and a resident
/// runtime's cache is memory. Digests and sizes of images are filled by the build, and so are inputs that are more than
/// one number in JSON. `experiment` was validated against the catalogue.
Plan expand(const Experiment& experiment, const FunctionCatalogue& catalogue, const RuntimeTable& runtimes);

/// Error: kUsage with the position: a given function runs on none of the experiment's runtimes.
Expected<> check_runtimes(const Experiment& experiment, const RuntimeTable& runtimes);

/// One sentence for each factor that the experiment sets to more than its default and that does not apply to some of
/// its runtimes, or to none of its starts: what a reader of the plan would otherwise miss.
std::vector<std::string> factors_left_out(const Experiment& experiment, const RuntimeTable& runtimes);

}  // namespace lumos
