#include "control/backend/fake.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

Plan one_cell() {
  Plan plan{.name = "t", .seed = 5};
  plan.deployments.push_back({.id = 0, .function = "noop", .runtime = "r"});
  plan.inputs.emplace_back();
  plan.cells.push_back({.id = 0, .start = Start::kCold});
  return plan;
}

TEST(FakeBackend, FirstIsColdThenWarmThenColdAfterRetirement) {
  const Plan plan = one_cell();
  const auto backend = make_fake_backend(plan, {});
  EXPECT_EQ(backend->invoke(plan.cells[0], 1)->start, Start::kCold);
  EXPECT_EQ(backend->invoke(plan.cells[0], 2)->start, Start::kWarm);
  EXPECT_EQ(backend->retire(0)->size(), 1u);
  EXPECT_EQ(backend->invoke(plan.cells[0], 3)->start, Start::kCold);
}

TEST(FakeBackend, PhasesOfEverySampleSumToItsLatency) {
  const Plan plan = one_cell();
  const auto backend = make_fake_backend(plan, {});
  for (int id = 1; id <= 3; ++id) {
    const auto phases = phases_of(*backend->invoke(plan.cells[0], id));
    EXPECT_GE(phases->residual_ns, 0);
    EXPECT_LE(phases->residual_ns, 5000);
  }
}

TEST(FakeBackend, TheSameSampleTakesTheSameTimeWhateverCameBefore) {
  const Plan plan = one_cell();
  const auto a = make_fake_backend(plan, {}), b = make_fake_backend(plan, {});
  const auto first = *a->invoke(plan.cells[0], 1);
  const auto second = *a->invoke(plan.cells[0], 2);
  EXPECT_EQ(second.spans.compute, [&] {
    EXPECT_TRUE(b->invoke(plan.cells[0], 77).has_value());
    return b->invoke(plan.cells[0], 2)->spans.compute;
  }());
  EXPECT_NE(first.spans.compute, second.spans.compute);
}

TEST(FakeBackend, FaultsAreOutcomesNotErrors) {
  const Plan plan = one_cell();
  const auto backend = make_fake_backend(plan, {.faults = true});
  EXPECT_NE(backend->invoke(plan.cells[0], 7)->outcome, Outcome::kOk);
  EXPECT_EQ(backend->invoke(plan.cells[0], 8)->outcome, Outcome::kOk);
}

TEST(FakeBackend, RefusesAnUnknownScript) { EXPECT_EQ(parse_fake_script("fake:nice").error().code, ErrorCode::kUsage); }

}  // namespace
}  // namespace lumos
