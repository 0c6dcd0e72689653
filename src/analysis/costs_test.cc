#include "analysis/costs.h"

#include <gtest/gtest.h>

#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

Costs costs(const SyntheticRun& made) { return costs_of(records_by_cell(made.run)[0]); }

TEST(Costs, ColdCpuIsTheCounterAfterTheInvocation) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kCold);
  made.add_cold(cell, 3, 10'000);
  const auto samples = made.measured(cell);
  samples[0]->cpu_after_ns = 4'000'000;
  samples[1]->cpu_after_ns = 6'000'000;
  samples[2]->cpu_after_ns = std::nullopt;
  EXPECT_DOUBLE_EQ(*costs(made).cpu_ms, 5);
}

TEST(Costs, WarmCpuIsTheGainOfAVisitOverItsInvocations) {
  SyntheticRun made;
  made.add_warm(made.add_cell("noop", nullptr, "crun", Start::kWarm), 2, 10, 1000);
  EXPECT_DOUBLE_EQ(*costs(made).cpu_ms, 0.8);
}

TEST(Costs, WarmCpuSurvivesACounterThatOnlyTicksSometimes) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kWarm);
  made.add_warm(cell, 1, 4, 1000);
  const auto samples = made.measured(cell);
  const std::int64_t counter[] = {10'000'000, 10'000'000, 10'000'000, 14'000'000, 14'000'000};
  for (std::size_t i = 0; i < 4; ++i) {
    samples[i]->cpu_before_ns = counter[i];
    samples[i]->cpu_after_ns = counter[i + 1];
  }
  EXPECT_DOUBLE_EQ(*costs(made).cpu_ms, 1);
}

TEST(Costs, WarmCpuUsesTheReadingsThereAre) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kWarm);
  made.add_warm(cell, 1, 5, 1000);
  const auto samples = made.measured(cell);
  samples[0]->cpu_before_ns = std::nullopt;
  samples[4]->cpu_after_ns = std::nullopt;
  EXPECT_DOUBLE_EQ(*costs(made).cpu_ms, 0.8);  // over the three in between
}

TEST(Costs, ACounterThatBeganAnewIsNotMeasured) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kWarm);
  made.add_warm(cell, 1, 5, 1000);
  made.measured(cell)[4]->instance = 77;
  EXPECT_EQ(costs(made).cpu_ms, std::nullopt);
  made.measured(cell)[4]->instance = 1;
  made.measured(cell)[4]->cpu_after_ns = 1;
  EXPECT_EQ(costs(made).cpu_ms, std::nullopt);
}

TEST(Costs, OfInstances) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kCold);
  made.add_cold(cell, 3, 10'000);
  const auto instances = made.instances(cell);
  for (std::size_t i = 0; i < 3; ++i) {
    instances[i]->cpu_launch_ns = 1'000'000 * static_cast<std::int64_t>(1 + i * i);  // 1, 2, 5 ms
    instances[i]->memory_peak_bytes = 100 * static_cast<std::int64_t>(1 + i * i);
  }
  EXPECT_DOUBLE_EQ(*costs(made).cpu_launch_ms, 8.0 / 3);
  EXPECT_EQ(costs(made).memory_peak_bytes, 200);
  for (auto* instance : instances) instance->cpu_launch_ns = instance->memory_peak_bytes = std::nullopt;
  EXPECT_EQ(costs(made).cpu_launch_ms, std::nullopt);
  EXPECT_EQ(costs(made).memory_peak_bytes, std::nullopt);
}

}  // namespace
}  // namespace lumos
