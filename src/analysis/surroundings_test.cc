#include "analysis/surroundings.h"

#include <gtest/gtest.h>

#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

struct SurroundingsOfACell : ::testing::Test {
  SurroundingsOfACell() { made.add_cold(made.add_cell("noop", nullptr, "crun", Start::kCold), 4, 10'000); }
  CellRecords records() const { return records_by_cell(made.run)[0]; }

  SyntheticRun made;
};

TEST_F(SurroundingsOfACell, AddUpItsWindows) {
  for (std::size_t i = 0; i < 4; ++i) {
    made.run.visits[i].machine = {.elapsed_ns = 100,
                                  .steal_ns = i == 0 ? 40 : 0,
                                  .machine_busy_ns = 90,
                                  .own_cpu_ns = 60,
                                  .psi_cpu_ns = 25,
                                  .frequency_khz = i < 2 ? 1000 : 2000};
  }
  const Surroundings around = surroundings_of(records());
  EXPECT_DOUBLE_EQ(*around.steal_share, 0.1);  // 40 of 400 asked for
  EXPECT_EQ(around.steal_ns, 40);
  EXPECT_DOUBLE_EQ(*around.other_load_share, 0.3);
  EXPECT_DOUBLE_EQ(*around.cpu_pressure_share, 0.25);
  EXPECT_EQ(around.memory_pressure_share, std::nullopt);
  EXPECT_EQ(around.frequency_khz, 1500);
}

TEST_F(SurroundingsOfACell, UseTheWindowsThatWereRead) {
  for (auto& visit : made.run.visits) visit.machine = {};
  made.run.visits[2].machine = {.elapsed_ns = 100, .machine_busy_ns = 50, .own_cpu_ns = 55};
  const Surroundings around = surroundings_of(records());
  EXPECT_EQ(around.steal_share, std::nullopt);
  EXPECT_DOUBLE_EQ(*around.other_load_share, 0);  // the ticks of busy time are coarser than our own CPU
}

TEST_F(SurroundingsOfACell, OfNothingAreUnknown) {
  for (auto& visit : made.run.visits) visit.machine = {};
  const Surroundings around = surroundings_of(records());
  EXPECT_EQ(around.other_load_share, std::nullopt);
  EXPECT_EQ(around.cpu_pressure_share, std::nullopt);
}

TEST_F(SurroundingsOfACell, CountersAreMediansOfTheInstancesThatHaveThem) {
  const std::int64_t faults[] = {10, 30, 1000};
  for (std::size_t i = 0; i < 3; ++i) made.run.instances[i].counters.page_faults_minor = faults[i];
  made.run.instances[3].counters.page_faults_minor.reset();
  for (auto& instance : made.run.instances) instance.counters.pss_bytes.reset();
  EXPECT_EQ(median_counters(records()).page_faults_minor, 30);
  EXPECT_EQ(median_counters(records()).pss_bytes, std::nullopt);
}

}  // namespace
}  // namespace lumos
