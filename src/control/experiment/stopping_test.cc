#include "control/experiment/stopping.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

std::vector<Sample> visit(std::int64_t latency, Outcome outcome = Outcome::kOk) {
  Sample s{.outcome = outcome};
  s.stamps.intended = 0;
  s.stamps.done = latency;
  return {s};
}

const StopRule kRule{.ci = 0.05, .min = 6, .max = 20};

TEST(Stopping, NeverBeforeTheMinimumAndAlwaysAtTheMaximum) {
  CellProgress cell;
  for (int i = 0; i < 5; ++i) cell.add_visit(visit(1000), {});
  EXPECT_GT(cell.visits_left(kRule, 1), 0);
  RandomStream random(1, "wide");
  for (int i = 5; i < 20; ++i) cell.add_visit(visit(1000 + static_cast<std::int64_t>(random.below(100000))), {});
  EXPECT_EQ(cell.visits_left(kRule, 1), 0);
}

TEST(Stopping, ANarrowIntervalIsEnoughAndAWideOneIsNot) {
  CellProgress narrow, wide;
  for (int i = 0; i < 8; ++i) {
    narrow.add_visit(visit(1000 + i), {});
    wide.add_visit(visit(1000 + 200 * i), {});
  }
  EXPECT_EQ(narrow.visits_left(kRule, 1), 0);
  EXPECT_EQ(wide.visits_left(kRule, 1), 12);
}

TEST(Stopping, ACellThatOnlyFailsIsGivenUpAtTheMinimum) {
  CellProgress cell;
  for (int i = 0; i < 6; ++i) cell.add_visit(visit(1000, Outcome::kReset), {});
  EXPECT_EQ(cell.visits_left(kRule, 1), 0);
}

TEST(Stopping, ACellWhereHalfFailsGoesOn) {
  CellProgress cell;
  for (int i = 0; i < 8; ++i) cell.add_visit(visit(1000, i % 2 == 0 ? Outcome::kReset : Outcome::kOk), {});
  EXPECT_GT(cell.visits_left(kRule, 1), 0);
}

TEST(Stopping, TenThousandReplicatesCostFewLooksAtTheInterval) {
  CellProgress cell;
  const StopRule endless{.ci = 1e-9, .min = 6, .max = 1'000'000};
  for (int i = 0; i < 10'000; ++i) {  // a look at each would take minutes
    cell.add_visit(visit(1000 + std::int64_t{i} * 7919 % 100'003), {});
    EXPECT_GT(cell.visits_left(endless, 1), 0);
  }
}

TEST(Stopping, PrimingInvocationsDoNotCount) {
  CellProgress cell;
  for (int i = 0; i < 8; ++i) {
    auto samples = visit(1000);
    samples.push_back(visit(1000000 * i)[0]);
    samples.back().role = Role::kPrime;
    cell.add_visit(samples, {});
  }
  EXPECT_EQ(cell.visits_left(kRule, 1), 0);
}

std::vector<std::string> without_effect(const StopRule& rule, const std::vector<Start>& starts) {
  Plan plan{.stop = rule};
  for (const Start start : starts) plan.cells.push_back({.start = start});
  return rules_without_effect(plan);
}

TEST(Stopping, ARuleThatCanEndNoCellBeforeTheMaximumIsNamed) {
  const StopRule p99{.of = "p99", .min = 6, .max = 200, .invocations = 10};
  EXPECT_EQ(without_effect(p99, {Start::kCold, Start::kWarm}),
            std::vector<std::string>{
                "'stop.ci' never ends a cold cell before 'stop.max': an interval of p99 needs 299 samples in 6 "
                "replicates, and by then it has 199 in 199"});
  EXPECT_TRUE(without_effect(p99, {Start::kWarm}).empty());
  EXPECT_EQ(without_effect({.of = "p99", .min = 6, .max = 200, .invocations = 1}, {Start::kWarm}).size(), 1u);
  EXPECT_EQ(without_effect({.of = "p95", .min = 6, .max = 59}, {Start::kCold}).size(), 1u);
  EXPECT_TRUE(without_effect({.of = "p95", .min = 6, .max = 60}, {Start::kCold}).empty());
  EXPECT_EQ(without_effect({.min = 2, .max = 6}, {Start::kCold, Start::kWarm}).size(), 2u);
  EXPECT_TRUE(without_effect({.min = 2, .max = 7}, {Start::kCold, Start::kWarm}).empty());
  EXPECT_TRUE(without_effect({.of = "p99", .min = 9, .max = 9}, {Start::kCold}).empty())
      << "nothing else was asked for";
}

// What the note says is what the rule does: at 299 replicates of narrow data, and not one earlier.
TEST(Stopping, AnIntervalOfP99EndsACellFrom299SamplesOn) {
  CellProgress cell;
  const StopRule rule{.of = "p99", .ci = 0.05, .min = 6, .max = 400};
  std::int64_t at = 0;
  while (cell.visits_left(rule, 1) > 0) {
    cell.add_visit(visit(1000), {});
    ++at;
  }
  EXPECT_GE(at, 299);
  EXPECT_LT(at, 299 + 299 / 20 + 2) << "looked at again when the replicates have grown by a twentieth";
}

}  // namespace
}  // namespace lumos
