#include "analysis/phases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Pair;

PhaseSummary phases(const SyntheticRun& made) { return phases_of_cell(records_by_cell(made.run)[0]); }

std::vector<std::string> names(const NamedMs& parts) {
  std::vector<std::string> result;
  for (const auto& [name, ms] : parts) result.push_back(name);
  return result;
}

TEST(Phases, AreMediansInTheOrderOfALife) {
  SyntheticRun made;
  made.add_cold(made.add_cell("noop", nullptr, "crun", Start::kCold), 9, 10'000);
  const auto summary = phases(made);
  EXPECT_THAT(names(summary.phases), ElementsAre("pace", "to_gateway", "queue", "create", "start", "ready", "dispatch",
                                                 "hops", "deserialize", "compute", "serialize", "return"));
  EXPECT_THAT(summary.phases, Contains(Pair("to_gateway", ::testing::DoubleEq(0.028))));
  EXPECT_THAT(names(summary.spans), ElementsAre("receive", "deserialize", "compute", "serialize", "handle"));
  EXPECT_THAT(summary.spans, Contains(Pair("receive", ::testing::DoubleEq(0.003))));
  EXPECT_EQ(summary.residual_p50_ms, 0);
  EXPECT_EQ(summary.residual_share_p99, 0);
}

TEST(Phases, APartThatOnlySomeSamplesHaveStandsWhereItHappens) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kWarm);
  made.add_warm(cell, 1, 3, 1000);
  made.measured(cell)[1]->spans.fetch = 1'000;
  EXPECT_THAT(names(phases(made).phases), ElementsAre("pace", "to_gateway", "queue", "hops", "deserialize", "fetch",
                                                      "compute", "serialize", "return"));
}

TEST(Phases, LookAtSuccessfulSamplesAlone) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kWarm);
  made.add_warm(cell, 1, 3, 1000);
  for (auto* sample : made.measured(cell)) sample->outcome = Outcome::kTimeout;
  EXPECT_TRUE(phases(made).phases.empty());
  EXPECT_EQ(phases(made).residual_p99_ms, std::nullopt);
}

TEST(Phases, TheResidualIsMeasuredAgainstTheLatency) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kCold);
  made.add_cold(cell, 1, 10'000);
  made.measured(cell)[0]->spans.compute = *made.measured(cell)[0]->spans.compute + 300'000;
  const auto summary = phases(made);
  EXPECT_DOUBLE_EQ(*summary.residual_p99_ms, 0.3);     // its absolute value: the parts are longer than the whole
  EXPECT_NEAR(*summary.residual_share_p99, 1.5, 0.1);  // of 2 % of 10 ms
}

TEST(Phases, CountSuccessWithoutStamps) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kWarm);
  made.add_warm(cell, 1, 3, 1000);
  made.measured(cell)[0]->stamps.done = std::nullopt;
  EXPECT_EQ(phases(made).unstamped, 1U);
}

}  // namespace
}  // namespace lumos
