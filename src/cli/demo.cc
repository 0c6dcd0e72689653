#include <CLI/CLI.hpp>
#include <cstdio>

#include "analysis/run_summary.h"
#include "cli/measure.h"
#include "record/run_data.h"
#include "report/results_text.h"

namespace lumos {
namespace {

VerbResult demo(const Places& places, const std::string& backend) {
  const Measured measured =
      LUMOS_TRY(measure(places, {.experiment = places.repository / "experiments" / "demo.yaml", .backend = backend}));
  const RunSummary summary = summarise(LUMOS_TRY(load_run(measured.run)));
  std::printf("%snext: ./lumos run experiments/smoke.yaml, or write your own experiment after it\n",
              results_text(summary).c_str());
  if (measured.interrupted) return 130;
  return summary.failed() ? static_cast<int>(ErrorCode::kMeasuredFailure) : 0;
}

}  // namespace

void add_demo(CLI::App& app, const Places& places, VerbResult& result) {
  auto* verb = app.add_subcommand(
      "demo", "A small real measurement end to end: two functions, five runtimes, cold and warm, about two minutes");
  auto backend = std::make_shared<std::string>("local");
  verb->add_option("--backend", *backend, "local, or fake (scripted durations: nothing is measured)")
      ->capture_default_str();
  verb->callback([&places, &result, backend] { result = demo(places, *backend); });
}

}  // namespace lumos
