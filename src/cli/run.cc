#include <CLI/CLI.hpp>
#include <cstdio>

#include "analysis/run_summary.h"
#include "cli/measure.h"
#include "record/run_data.h"

namespace lumos {
namespace {

VerbResult run(const Places& places, MeasureRequest request, const std::string& budget) {
  if (request.experiment.empty() == request.resume.empty()) {
    return fail(ErrorCode::kUsage, "run: name an experiment file, or a run to go on with by --resume");
  }
  if (!request.resume.empty() && (!request.out.empty() || !request.overrides.empty() || !request.tier.empty() ||
                                  !budget.empty() || request.dry_run)) {
    return fail(
        ErrorCode::kUsage,
        "run --resume: goes on with the stored plan; --out, --set, --tier, --budget and --dry-run have no place in it");
  }
  if (!budget.empty()) request.overrides.push_back("stop.budget=" + budget);
  const Measured measured = LUMOS_TRY(measure(places, request));
  if (request.dry_run) {
    std::printf("A dry run: nothing was measured.\nnext: ./lumos run %s\n", request.experiment.c_str());
    return 0;
  }
  const RunSummary summary = summarise(LUMOS_TRY(load_run(measured.run)));
  std::printf("%s\nThe run is in %s\n", summary.finding.c_str(), measured.run.path.c_str());
  if (measured.interrupted) {
    const std::string backend = request.backend == "local" ? "" : " --backend " + request.backend;
    std::printf("Interrupted: what was measured is kept.\nnext: ./lumos run --resume %s%s\n", measured.run.path.c_str(),
                backend.c_str());
    return 130;
  }
  std::printf("next: ./lumos results %s\n", measured.run.path.c_str());
  return summary.failed() ? static_cast<int>(ErrorCode::kMeasuredFailure) : 0;
}

}  // namespace

void add_run(CLI::App& app, const Places& places, VerbResult& result) {
  struct Options {
    MeasureRequest request;
    std::string budget;
  };
  auto* verb = app.add_subcommand("run", "Measures an experiment, cell by cell, and keeps every sample");
  auto options = std::make_shared<Options>();
  MeasureRequest& r = options->request;
  verb->add_option("experiment", r.experiment, "Experiment file, such as experiments/smoke.yaml");
  verb->add_option("--out", r.out, "Folder for the run (default: a new one below runs/)");
  verb->add_option("--resume", r.resume, "A run folder to go on with, or 'latest'");
  verb->add_option("--set", r.overrides, "Changes the experiment: key=value, such as stop.max=20 (may be repeated)")
      ->allow_extra_args(false);
  verb->add_option("--tier", r.tier, "One of the experiment's tiers, such as smoke, short, full");
  verb->add_option("--budget", options->budget, "Time for the whole run, such as 2m");
  verb->add_option("--backend", r.backend, "local, or fake (scripted durations: nothing is measured)")
      ->capture_default_str();
  verb->add_flag("--dry-run", r.dry_run, "Only shows what would be measured");
  verb->footer(
      "Examples:\n  ./lumos run experiments/smoke.yaml\n  ./lumos run experiments/smoke.yaml --budget 1m --set "
      "'runtimes=[crun, wasm-aot]'\n"
      "  ./lumos run --resume latest");
  verb->callback([&places, &result, options] { result = run(places, options->request, options->budget); });
}

}  // namespace lumos
