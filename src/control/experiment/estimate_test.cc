#include "control/experiment/estimate.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

using namespace std::chrono_literals;

CostTable table() {
  const auto parsed = CostTable::parse("# where and when\nf 100 2 3 4000\nf 1000 20 30 40000\n", "costs.tsv");
  EXPECT_TRUE(parsed.has_value());
  return parsed.value_or(CostTable{});
}

TEST(CostTable, GivesWhatWasMeasuredAndInProportionElse) {
  EXPECT_EQ(table().of("f", 100, "native"), 2ms);
  EXPECT_EQ(table().of("f", 1000, "aot"), 30ms);
  EXPECT_EQ(table().of("f", 50, "interpreted"), 2s);
  EXPECT_EQ(table().of("f", nullptr, "native"), 1ms);
  EXPECT_EQ(table().of("g", 5, "native"), 1ms);
}

TEST(CostTable, RefusesALineThatIsNone) {
  const auto parsed = CostTable::parse("f 1 2\n", "costs.tsv");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_TRUE(parsed.error().message.starts_with("costs.tsv:1:"));
}

TEST(Estimate, CountsLaunchesAndInvocationsAndSaysWhichCellsGetFewer) {
  Plan plan{.stop = {.min = 6, .invocations = 10, .visit = 10s}};
  plan.deployments = {
      {.id = 0, .function = "f", .runtime = "crun", .traits = {{"launcher", "crun"}, {"mode", "native"}}},
      {.id = 1,
       .function = "f",
       .runtime = "wasm-interp",
       .traits = {{"launcher", "crun"}, {"engine", "wasmedge"}, {"mode", "interpreted"}}}};
  plan.cells = {{.id = 0, .deployment = 0, .factors = {{"payload", 100}}, .start = Start::kCold},
                {.id = 1, .deployment = 0, .factors = {{"payload", 100}}, .start = Start::kWarm},
                {.id = 2, .deployment = 1, .factors = {{"payload", 100}}, .start = Start::kWarm},
                {.id = 3, .deployment = 1, .factors = {{"payload", 1000}}, .start = Start::kWarm}};
  const TimeEstimate e = estimate(plan, table());
  EXPECT_EQ(e.by_runtime.at("crun"), 6 * (52ms + 72ms));
  // Of 4 s: the priming one and two more begin before 10 s have passed. Of 40 s: one, because there is at least one.
  EXPECT_EQ(e.shortened, (std::map<std::int64_t, std::int64_t>{{2, 2}, {3, 1}}));
  EXPECT_EQ(e.by_runtime.at("wasm-interp"), 6 * (100ms + 3 * 4s + 100ms + 2 * 40s));
  EXPECT_EQ(e.total(), e.by_runtime.at("crun") + e.by_runtime.at("wasm-interp"));
}

}  // namespace
}  // namespace lumos
