#include "analysis/anatomy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/run_summary.h"
#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

/// One cold cell of 8 visits. Each phase of a sample has another length, as the latencies differ.
struct AnatomyTest : ::testing::Test {
  AnatomyTest() {
    cell = made.add_cell("noop", nullptr, "wasm-aot", Start::kCold);
    made.add_cold(cell, 8, 40'000);
  }

  /// A probe in the visit of each measured sample, `slower` times as long in every phase, with the given steps.
  void add_probes(std::size_t count, std::int64_t slower) {
    const auto measured = made.measured(cell);
    std::vector<Sample> probes;
    for (std::size_t i = 0; i < count; ++i) {
      Sample probe = *measured[i];
      probe.id += 100;
      probe.role = Role::kProbe;
      probe.instance = 100 + *probe.instance;
      Stamps& t = probe.stamps;
      const std::int64_t from = *t.intended;
      for (auto* stamp : {&t.sent, &t.received, &t.create_begin, &t.create_end, &t.start_begin, &t.start_end, &t.ready,
                          &t.dispatched, &t.responded, &t.done})
        *stamp = from + slower * (**stamp - from);
      made.run.instances.push_back({.id = *probe.instance, .visit = probe.visit, .role = Role::kProbe});
      made.run.instances.back().steps = steps_of(t);
      probes.push_back(probe);
    }
    made.run.samples.insert(made.run.samples.end(), probes.begin(), probes.end());
  }

  /// A quarter of create is the libraries; the engine begins with the second half of start and takes half of ready.
  static std::vector<StepTime> steps_of(const Stamps& t) {
    const std::int64_t quarter = (*t.create_end - *t.create_begin) / 4;
    return {{Step::kLibraries, *t.create_begin + quarter, *t.create_begin + 2 * quarter, 7'000'000},
            {Step::kEngine, (*t.start_begin + *t.start_end) / 2, (*t.start_end + *t.ready) / 2, 2'000'000}};
  }

  CellSummary summary() const { return summarise(made.run).cells[0]; }

  static double share(const Anatomy& anatomy, const std::string& phase, const std::string& step) {
    for (const auto& part : anatomy.parts) {
      if (part.phase == phase && part.step == step) return part.share;
    }
    return -1;
  }

  SyntheticRun made;
  std::int64_t cell = 0;
};

TEST_F(AnatomyTest, ThePartsAddUpToTheMeanPhaseOfTheMeasuredStarts) {
  add_probes(6, 3);
  const CellSummary s = summary();
  ASSERT_TRUE(s.anatomy.has_value());
  std::map<std::string, double> sums;
  for (const auto& part : s.anatomy->parts) sums[part.phase] += part.ms;
  ASSERT_EQ(sums.size(), 3u);
  for (const auto& [name, ms] : s.phases.mean_phases) {
    if (sums.contains(name)) {
      EXPECT_NEAR(sums[name], ms, 1e-9) << name;
    }
  }
}

TEST_F(AnatomyTest, EachPhaseGetsOfAStepWhatOverlapsWithIt) {
  add_probes(6, 1);
  const Anatomy anatomy = *summary().anatomy;
  EXPECT_NEAR(share(anatomy, "create", "libraries"), 0.25, 1e-4);
  EXPECT_NEAR(share(anatomy, "create", "rest"), 0.75, 1e-4);
  EXPECT_EQ(share(anatomy, "create", "engine"), -1);
  EXPECT_NEAR(share(anatomy, "start", "engine"), 0.5, 1e-4);
  EXPECT_NEAR(share(anatomy, "ready", "engine"), 0.5, 1e-4);
  EXPECT_EQ(anatomy.parts[0].cpu_ms, 7);
  EXPECT_EQ(anatomy.starts, 6u);
  EXPECT_TRUE(anatomy.probed);
}

TEST_F(AnatomyTest, WhatACommandsEngineDoesAfterItsAdapterIsReadyIsOfItsAnswer) {
  add_probes(6, 1);
  for (auto& instance : made.run.instances) {
    const auto probe = std::ranges::find(made.run.samples, instance.id, &Sample::instance);
    if (instance.role != Role::kProbe) continue;
    const std::int64_t begin = *probe->stamps.dispatched, quarter = (*probe->stamps.responded - begin) / 4;
    instance.steps.push_back({Step::kLoad, begin, begin + quarter, std::nullopt});
  }
  const Anatomy anatomy = *summary().anatomy;
  EXPECT_NEAR(share(anatomy, "function", "load"), 0.25, 1e-3);
  EXPECT_NEAR(share(anatomy, "function", "rest"), 0.75, 1e-3);
}

TEST_F(AnatomyTest, TheSlowdownIsThatOfTheProbesAgainstTheStartsBesideThem) {
  add_probes(6, 3);
  const auto slowdown = summary().anatomy->slowdown;
  ASSERT_TRUE(slowdown.has_value());
  EXPECT_NEAR(slowdown->value, 3, 1e-6);
  EXPECT_TRUE(slowdown->ci.has_value());
}

TEST_F(AnatomyTest, ProbesAreInNoOtherNumber) {
  const CellSummary before = summary();
  add_probes(6, 50);
  for (auto& instance : made.run.instances) {
    if (instance.role != Role::kProbe) continue;
    instance.cpu_launch_ns = 1'000'000'000;
    instance.memory_peak_bytes = 1 << 30;
    instance.cores_allowed = "99";
  }
  const CellSummary after = summary();
  EXPECT_EQ(after.latency.quantiles.samples, 8u);
  EXPECT_EQ(after.latency.mean, before.latency.mean);
  EXPECT_EQ(after.costs.cpu_launch_ms, before.costs.cpu_launch_ms);
  EXPECT_EQ(after.costs.memory_peak_bytes, before.costs.memory_peak_bytes);
  EXPECT_EQ(after.code_proof.instances, before.code_proof.instances);
  ASSERT_EQ(after.checks.size(), before.checks.size());
  for (std::size_t i = 0; i < after.checks.size(); ++i) EXPECT_EQ(after.checks[i].detail, before.checks[i].detail);
}

TEST_F(AnatomyTest, WithoutProbesTheMeasuredStartsOwnStepsAreShown) {
  EXPECT_FALSE(summary().anatomy.has_value());
  for (std::size_t i = 0; i < 8; ++i) {
    const Stamps& t = made.measured(cell)[i]->stamps;
    made.run.instances[i].steps = {{Step::kBundle, *t.create_begin, *t.create_begin + 100'000, std::nullopt}};
  }
  const auto anatomy = summary().anatomy;
  ASSERT_TRUE(anatomy.has_value());
  EXPECT_FALSE(anatomy->probed);
  EXPECT_EQ(anatomy->starts, 8u);
  EXPECT_EQ(anatomy->slowdown, std::nullopt);
  EXPECT_NEAR(anatomy->parts[0].ms, 0.1, 1e-9);
  add_probes(2, 1);
  EXPECT_EQ(summary().anatomy->starts, 2u);
}

TEST_F(AnatomyTest, AProbeThatFailedSaysNothing) {
  add_probes(6, 1);
  for (auto& sample : made.run.samples) {
    if (sample.role == Role::kProbe) sample.outcome = Outcome::kNotReady;
  }
  EXPECT_FALSE(summary().anatomy.has_value());
}

}  // namespace
}  // namespace lumos
