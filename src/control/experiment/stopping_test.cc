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

}  // namespace
}  // namespace lumos
