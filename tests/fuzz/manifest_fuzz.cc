// A manifest.json of any bytes changes no number of a run, and never ends its results.
#include "analysis/run_summary.h"
#include "report/results_json.h"
#include "report/results_text.h"
#include "tests/fuzz/target.h"
#include "tests/support/synthetic_run.h"

namespace {

lumos::RunData small_run() {
  lumos::SyntheticRun made;
  made.add_cold(made.add_cell("noop", nullptr, "crun", lumos::Start::kCold), 2, 10'000);
  return made.run;
}

}  // namespace

void run_target(std::string_view text) {
  static const lumos::RunData run = small_run();
  lumos::RunData changed = run;
  changed.manifest = nlohmann::ordered_json::parse(text, nullptr, false);
  if (changed.manifest.is_discarded()) return;
  const auto summary = lumos::summarise(changed);
  LUMOS_CHECK(nlohmann::json::accept(lumos::results_json(summary)));
  LUMOS_CHECK(!lumos::results_text(summary).contains('\x1b'));
  LUMOS_CHECK(summary.cells.at(0).latency.mean == lumos::summarise(run).cells.at(0).latency.mean);
}
