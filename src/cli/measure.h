// From an experiment file to a finished run: what `run` and `demo` share.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/verb.h"
#include "control/build/builder.h"
#include "control/build/storage_tools.h"
#include "record/plan.h"
#include "record/run_folder.h"

namespace lumos {

struct MeasureRequest {
  std::filesystem::path experiment;
  std::filesystem::path out;           // empty: a new folder below runs/
  std::filesystem::path resume;        // a run folder to go on with; then `experiment` may be empty
  std::vector<std::string> overrides;  // key=value
  std::string tier;                    // of the experiment's tiers; empty: none
  std::string backend = "local";
  bool dry_run = false;
};

struct Measured {
  RunFolder run;
  bool interrupted = false;
};

/// An experiment file as a plan, and what its author may not expect: factors that do not apply to some runtimes
/// (workload/expand.h), a stopping rule that can stop nothing (control/experiment/stopping.h). Error: kUsage with the
/// position.
struct PlannedRun {
  Plan plan;
  std::vector<std::string> notes;
};
Expected<PlannedRun> read_plan(const Places& places, const std::filesystem::path& file,
                               const std::vector<std::string>& overrides = {}, const std::string& tier = "");

/// Builds what is missing of the artefacts wanted (or finds it), with progress.
Expected<BuildResult> build_with_progress(const Places& places, const std::vector<ArtefactId>& wanted);

/// The same of all that a plan needs: functions of Lumos, modules and images that are there already. Images of
/// registries are pulled (control/build/pulled_image.h), and the plan then says which they were.
Expected<BuildResult> build_plan(const Places& places, Plan& plan);

/// Makes what of the plan's inputs waits for the build (control/build/inputs.h), with progress.
Expected<> make_inputs_with_progress(const Places& places, Plan& plan);

/// Makes the programs that the plan's storage needs (control/build/storage_tools.h), with progress.
Expected<StorageTools> make_storage_tools_with_progress(const Places& places, const Plan& plan);

/// Validates, plans, builds, measures. A dry run only prints the plan and returns an empty folder. Error: as the exit
/// codes say.
Expected<Measured> measure(const Places& places, const MeasureRequest& request);

}  // namespace lumos
