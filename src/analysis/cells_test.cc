#include "analysis/cells.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/run_summary.h"
#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Cells, SummariseWhatWasMeasuredInPlanOrder) {
  SyntheticRun made;
  const auto cold = made.add_cell("noop", nullptr, "crun", Start::kCold);
  const auto warm = made.add_cell("noop", nullptr, "crun", Start::kWarm);
  made.add_warm(warm, 6, 10, 1000);
  made.add_cold(cold, 20, 10'000);
  const auto summary = summarise(made.run);
  ASSERT_EQ(summary.cells.size(), 2U);
  EXPECT_EQ(summary.cells[0].start, Start::kCold);
  const auto& of_cold = summary.cells[0].latency;
  EXPECT_EQ(of_cold.quantiles.samples, 20U);
  EXPECT_EQ(of_cold.quantiles.replicates, 20U);
  EXPECT_NEAR(of_cold.quantiles.p50->value, 10, 0.5);
  EXPECT_NEAR(*of_cold.mean, 10, 0.5);
  EXPECT_TRUE(of_cold.quantiles.p50->ci->contains(of_cold.quantiles.p50->value));
  const auto& of_warm = summary.cells[1].latency.quantiles;
  EXPECT_EQ(of_warm.samples, 60U);  // the prime of each visit does not count
  EXPECT_EQ(of_warm.replicates, 6U);
  EXPECT_TRUE(of_warm.p95->ci);
  EXPECT_FALSE(of_warm.p99->ci);
}

TEST(Cells, FailedInvocationsCountAsInfinite) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kCold);
  made.add_cold(cell, 20, 10'000);
  const auto samples = made.measured(cell);
  samples[3]->outcome = Outcome::kTimeout;
  samples[4]->outcome = Outcome::kLaunchFailed;
  samples[4]->stamps.done = std::nullopt;
  samples[5]->outcome = Outcome::kTimeout;
  const auto summary = summarise(made.run).cells[0];
  EXPECT_TRUE(std::isinf(*summary.latency.mean));
  EXPECT_TRUE(std::isinf(summary.latency.quantiles.p95->value));
  EXPECT_EQ(summary.latency.quantiles.samples, 20U);
  EXPECT_EQ(summary.latency_ok.quantiles.samples, 17U);
  EXPECT_EQ(summary.latency_ok.quantiles.replicates, 17U);
  EXPECT_NEAR(summary.latency_ok.quantiles.p95->value, 10, 0.5);
  EXPECT_THAT(summary.outcomes,
              ElementsAre(Pair(Outcome::kOk, 17U), Pair(Outcome::kTimeout, 2U), Pair(Outcome::kLaunchFailed, 1U)));
  EXPECT_EQ(summary.failures(), 3U);
}

TEST(Cells, LeaveOutUnfinishedVisitsAndUnknownRecords) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kWarm);
  made.add_warm(cell, 7, 10, 1000);
  made.run.visits.back().finished = false;
  made.run.visits.push_back({.id = 99, .cell = 1234, .finished = true});
  made.run.samples.push_back({.id = 9999, .visit = 5678});
  const auto summary = summarise(made.run).cells[0];
  EXPECT_EQ(summary.latency.quantiles.replicates, 6U);
  EXPECT_EQ(summary.latency.quantiles.samples, 60U);
}

TEST(Cells, NothingMeasuredIsNullopt) {
  SyntheticRun made;
  made.add_cell("noop", nullptr, "sandbox", Start::kCold);
  const auto summary = summarise(made.run).cells[0];
  EXPECT_EQ(summary.latency.mean, std::nullopt);
  EXPECT_FALSE(summary.latency.quantiles.p50);
  EXPECT_EQ(summary.costs.cpu_ms, std::nullopt);
  EXPECT_EQ(summary.costs.memory_peak_bytes, std::nullopt);
  EXPECT_EQ(summary.image_bytes, std::nullopt);
  EXPECT_EQ(summary.phases.residual_p50_ms, std::nullopt);
  EXPECT_THAT(summary.outcomes, ElementsAre(Pair(Outcome::kOk, 0U)));
}

TEST(Ratios, CompareWithTheBaselinesOfTheSameFactors) {
  SyntheticRun made;
  for (const char* payload : {"1", "2"}) {
    for (const auto& [runtime, median] : {std::pair{"runc", 8'000}, {"crun", 10'000}, {"wasm-aot", 30'000}}) {
      made.add_cold(made.add_cell("noop", payload, runtime, Start::kCold), 20, median);
    }
  }
  const auto cells = summarise(made.run).cells;
  ASSERT_THAT(cells[2].ratio_to, ElementsAre(Pair("runc", ::testing::_), Pair("crun", ::testing::_)));
  EXPECT_NEAR(cells[2].ratio_to[0].second->value, 3.75, 0.2);
  EXPECT_NEAR(cells[2].ratio_to[1].second->value, 3, 0.15);
  EXPECT_TRUE(cells[2].ratio_to[1].second->ci->contains(cells[2].ratio_to[1].second->value));
  EXPECT_THAT(cells[0].ratio_to, ElementsAre(Pair("crun", ::testing::_)));  // not with itself
}

TEST(Ratios, AreNulloptWithoutABaseline) {
  SyntheticRun made;
  made.add_cold(made.add_cell("noop", "1", "crun", Start::kCold), 20, 10'000);
  made.add_cold(made.add_cell("noop", "2", "wasm-aot", Start::kCold), 20, 10'000);
  const auto cells = summarise(made.run).cells;
  EXPECT_THAT(cells[1].ratio_to, ElementsAre(Pair("runc", std::nullopt), Pair("crun", std::nullopt)));
}

TEST(RunSummary, IsTheSameEveryTime) {
  SyntheticRun made;
  made.add_cold(made.add_cell("noop", nullptr, "crun", Start::kCold), 20, 10'000);
  made.add_cold(made.add_cell("noop", nullptr, "runc", Start::kCold), 20, 10'000);
  const auto a = summarise(made.run), b = summarise(made.run);
  EXPECT_EQ(a.cells[0].latency.quantiles.p50_draws, b.cells[0].latency.quantiles.p50_draws);
  EXPECT_NE(a.cells[0].latency.quantiles.p50_draws, a.cells[1].latency.quantiles.p50_draws);
  EXPECT_FALSE(a.failed());
}

TEST(RunSummary, SaysWhenTheBackendMeasuredNothing) {
  RunData run{.name = "scripted"};
  run.manifest = {{"backend", {{"name", "fake"}, {"note", "scripted durations"}}}};
  EXPECT_EQ(summarise(run).note, "fake backend, scripted durations");
  EXPECT_TRUE(summarise(run).finding.starts_with("(fake backend, scripted durations) "));
  for (const auto& other : {nlohmann::ordered_json(nullptr), nlohmann::ordered_json{{"backend", 3}},
                            nlohmann::ordered_json{{"backend", {{"name", "local"}}}}}) {
    run.manifest = other;
    EXPECT_EQ(summarise(run).note, "");
  }
}

TEST(RunSummary, OfAnEmptyRunIsEmpty) {
  const auto summary = summarise(RunData{.name = "empty"});
  EXPECT_TRUE(summary.cells.empty());
  EXPECT_EQ(summary.finding, "Nothing was measured.");
}

}  // namespace
}  // namespace lumos
