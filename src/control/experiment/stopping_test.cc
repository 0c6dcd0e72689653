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
  EXPECT_FALSE(cell.done(kRule, 1));
  RandomStream random(1, "wide");
  for (int i = 5; i < 20; ++i) cell.add_visit(visit(1000 + static_cast<std::int64_t>(random.below(100000))), {});
  EXPECT_TRUE(cell.done(kRule, 1));
}

TEST(Stopping, ANarrowIntervalIsEnoughAndAWideOneIsNot) {
  CellProgress narrow, wide;
  for (int i = 0; i < 8; ++i) {
    narrow.add_visit(visit(1000 + i), {});
    wide.add_visit(visit(1000 + 200 * i), {});
  }
  EXPECT_TRUE(narrow.done(kRule, 1));
  EXPECT_FALSE(wide.done(kRule, 1));
  EXPECT_EQ(narrow.visits_left(kRule, 1), 0);
  EXPECT_EQ(wide.visits_left(kRule, 1), 12);
}

TEST(Stopping, ACellThatOnlyFailsIsGivenUpAtTheMinimum) {
  CellProgress cell;
  for (int i = 0; i < 6; ++i) cell.add_visit(visit(1000, Outcome::kReset), {});
  EXPECT_TRUE(cell.done(kRule, 1));
}

TEST(Stopping, ACellWhereHalfFailsGoesOn) {
  CellProgress cell;
  for (int i = 0; i < 8; ++i) cell.add_visit(visit(1000, i % 2 == 0 ? Outcome::kReset : Outcome::kOk), {});
  EXPECT_FALSE(cell.done(kRule, 1));
}

TEST(Stopping, PrimingInvocationsDoNotCount) {
  CellProgress cell;
  for (int i = 0; i < 8; ++i) {
    auto samples = visit(1000);
    samples.push_back(visit(1000000 * i)[0]);
    samples.back().role = Role::kPrime;
    cell.add_visit(samples, {});
  }
  EXPECT_TRUE(cell.done(kRule, 1));
}

}  // namespace
}  // namespace lumos
