// An experiment of any bytes is a plan or an Error that names its place. A first line "#set KEY=VALUE" is an override.
#include <string>
#include <vector>

#include "tests/fuzz/target.h"
#include "workload/example_names.h"
#include "workload/expand.h"

void run_target(std::string_view text) {
  static const lumos::KnownNames known = lumos::example_names();
  if (text.contains("file")) return;  // would open whatever path the input names
  std::vector<std::string> overrides;
  if (constexpr std::string_view kSet = "#set "; text.starts_with(kSet)) {
    overrides.emplace_back(text.substr(kSet.size(), text.find('\n') - kSet.size()));
  }
  const auto experiment = lumos::parse_experiment(text, "fuzz.yaml", known, overrides);
  if (!experiment) {
    const lumos::Error& error = experiment.error();
    LUMOS_CHECK(error.code == lumos::ErrorCode::kUsage);
    LUMOS_CHECK(error.message.starts_with("fuzz.yaml:") || error.message.starts_with("--set "));
    return;
  }
  const lumos::Plan plan = lumos::expand(*experiment, known.functions, {});
  LUMOS_CHECK(!plan.cells.empty());
  LUMOS_CHECK(plan.stop.min <= plan.stop.max && plan.stop.ci > 0 && plan.stop.ci < 1);
}
