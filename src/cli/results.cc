#include <CLI/CLI.hpp>
#include <cstdio>

#include "analysis/run_summary.h"
#include "cli/verb.h"
#include "record/run_data.h"
#include "report/phases_text.h"
#include "report/results_json.h"
#include "report/results_text.h"

namespace lumos {
namespace {

VerbResult results(const Places& places, const std::string& name, bool json, bool phases) {
  const RunFolder folder = LUMOS_TRY(find_run(places.runs, name));
  const RunSummary summary = summarise(LUMOS_TRY(load_run(folder)));
  if (json) {
    std::printf("%s", results_json(summary).c_str());
  } else if (phases) {
    std::printf("%snext: docs/metrics.md says what each phase is\n", phases_text(summary).c_str());
  } else {
    std::printf("%snext: ./lumos results %s --phases\n", results_text(summary).c_str(), folder.path.c_str());
  }
  return summary.failed() ? static_cast<int>(ErrorCode::kMeasuredFailure) : 0;
}

}  // namespace

void add_results(CLI::App& app, const Places& places, VerbResult& result) {
  struct Options {
    std::string run = "latest";
    bool json = false, phases = false;
  };
  auto* verb = app.add_subcommand(
      "results", "Shows what a run measured: per cell latency with interval, CPU, memory, ratios, checks");
  auto options = std::make_shared<Options>();
  verb->add_option("run", options->run, "A run folder, its name below runs/, or 'latest'")->capture_default_str();
  verb->add_flag("--json", options->json, "Machine-readable (docs/formats/results.md)");
  verb->add_flag("--phases", options->phases, "Where the time of each invocation went, phase by phase");
  verb->footer(
      "Examples:\n  ./lumos results\n  ./lumos results latest --phases\n  ./lumos results runs/20261123T101500Z-demo "
      "--json");
  verb->callback(
      [&places, &result, options] { result = results(places, options->run, options->json, options->phases); });
}

}  // namespace lumos
