#include "analysis/density.h"

#include <gtest/gtest.h>

#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

struct DensityTest : ::testing::Test {
  DensityTest() {
    made.add_cell("noop", nullptr, "crun", Start::kCold);
    made.add_cell("noop", nullptr, "wasm-aot", Start::kCold);
  }

  /// One repetition of wasm-aot: 60 MB once, `slope` more with each instance; the machine had 700 MB in use before.
  void add(std::int64_t repetition, std::int64_t slope) {
    for (std::int64_t n = 0; n <= 4; ++n) {
      made.run.density.push_back({.deployment = 1,
                                  .repetition = repetition,
                                  .instances = n,
                                  .pss_bytes = n == 0 ? 0 : 60'000'000 + n * slope,
                                  .memory_bytes = n * slope / 2,
                                  .host_bytes = 700'000'000 + n * slope * 2});
    }
  }

  SyntheticRun made;
};

TEST_F(DensityTest, FindsTheLineThatTheInstancesMake) {
  for (const std::int64_t repetition : {0, 1, 2}) add(repetition, 4'000'000 + repetition * 100'000);
  const auto density = density_of(made.run);
  ASSERT_EQ(density.size(), 1u) << "crun has no points";
  const DensitySummary& d = density[0];
  EXPECT_EQ(d.label(), "noop wasm-aot");
  EXPECT_EQ(d.repetitions, 3u);
  EXPECT_NEAR(d.pss->bytes_per_instance, 4'100'000, 1);
  EXPECT_NEAR(d.pss->least, 4'000'000, 1);
  EXPECT_NEAR(d.pss->most, 4'200'000, 1);
  EXPECT_NEAR(d.pss->bytes_shared, 60'000'000, 1);
  EXPECT_NEAR(d.memory->bytes_per_instance, 2'050'000, 1);
  EXPECT_NEAR(d.host->bytes_per_instance, 8'200'000, 1);
  EXPECT_NEAR(d.host->bytes_shared, 0, 1) << "what was in use before is not theirs";
  ASSERT_EQ(d.rows.size(), 4u);
  EXPECT_EQ(d.rows[3].instances, 4);
  EXPECT_EQ(d.rows[3].pss_bytes, 60'000'000 + 4 * 4'100'000);
  EXPECT_EQ(d.rows[0].host_bytes, 8'200'000);
}

TEST_F(DensityTest, WhatWasNotReadIsNotZero) {
  add(0, 4'000'000);
  for (auto& point : made.run.density) {
    point.host_bytes.reset();
    if (point.instances != 2) point.memory_bytes.reset();
  }
  const DensitySummary d = density_of(made.run)[0];
  EXPECT_FALSE(d.host.has_value());
  EXPECT_FALSE(d.memory.has_value()) << "one point makes no line";
  EXPECT_TRUE(d.pss.has_value());
  EXPECT_EQ(d.rows[0].memory_bytes, std::nullopt);
  EXPECT_EQ(d.rows[0].host_bytes, std::nullopt);
}

TEST_F(DensityTest, ARunWithoutPointsHasNone) { EXPECT_TRUE(density_of(made.run).empty()); }

}  // namespace
}  // namespace lumos
