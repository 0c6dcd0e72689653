// The autoscaler with its memory, on a clock of the test's: cases computed by hand after Knative's documentation.
#include "control/gateway/scaler.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Scaling kpa() { return {.autoscaler = Autoscaler::kKpa, .container_concurrency = 10}; }  // a target of 7

TEST(Scaler, WithoutAWholeSecondThereIsNoData) {
  Scaler s(kpa());
  s.observe(milliseconds(10'100), 50);
  const ScaleDecision d = s.tick(milliseconds(10'900), 1);
  EXPECT_EQ(d.reason, ScaleReason::kNoData);
  EXPECT_EQ(d.stable_concurrency, std::nullopt);
  EXPECT_EQ(d.desired, 1);
}

// 100 requests stand from second 10 on: 100 / 7 = 14.3, of one that is ready more than twice: panic.
TEST(Scaler, ABurstOnOneInstancePanics) {
  Scaler s(kpa());
  s.observe(seconds(10), 100);
  const ScaleDecision d = s.tick(seconds(12), 1);
  EXPECT_EQ(d.stable_concurrency, 100);
  EXPECT_EQ(d.panic_concurrency, 100);
  EXPECT_EQ(std::tuple(d.desired, d.actual, d.panicking, d.reason), std::tuple(15, 1, true, ScaleReason::kStable))
      << "both windows want as much: the panic moved nothing";
}

// 60 requests at a time for a minute, then 30 for 30 s: the stable window has (30 · 60 + 30 · 30) / 60 = 45, the panic
// window 30. 45 / 7 = 6.4.
TEST(Scaler, TheStableWindowForgetsSlowerThanThePanicWindow) {
  Scaler s(kpa());
  s.observe(seconds(100), 60);
  EXPECT_EQ(s.tick(seconds(160), 9).desired, 9);  // 60 / 7 = 8.6
  s.observe(seconds(160), 30);
  const ScaleDecision d = s.tick(seconds(190), 9);
  EXPECT_EQ(d.stable_concurrency, 45);
  EXPECT_EQ(d.panic_concurrency, 30);
  EXPECT_EQ(std::tuple(d.desired, d.panicking, d.reason), std::tuple(7, false, ScaleReason::kStable));
}

// After the last request the stable window is empty a minute later; zero comes 30 s of grace after that, where the
// gateway is always in the path at once.
TEST(Scaler, GoesToZeroAfterAStableWindowOfNothing) {
  Scaler s(kpa());
  s.observe(seconds(100), 1);
  EXPECT_EQ(s.tick(seconds(102), 1).desired, 1);
  s.observe(seconds(110), 0);
  int second = 112;
  while (s.tick(seconds(second), 1).desired > 0) second += 2;
  EXPECT_EQ(second, 170);  // the first tick at which the last 60 s are empty
}

TEST(Scaler, ARequestAtZeroAsksForOneBeforeTheNextTick) {
  Scaler s(kpa());
  s.observe(seconds(100), 1);
  const ScaleDecision d = s.activate(seconds(100));
  EXPECT_EQ(std::tuple(d.desired, d.actual, d.reason), std::tuple(1, 0, ScaleReason::kActivation));
}

TEST(Scaler, AFixedScaleStaysWhateverComes) {
  Scaling fixed = kpa();
  fixed.min_scale = fixed.max_scale = 3;
  Scaler s(fixed);
  s.observe(seconds(10), 0);
  EXPECT_EQ(s.tick(seconds(12), 3).desired, 3);
  s.observe(seconds(12), 1000);
  EXPECT_EQ(s.tick(seconds(14), 3).desired, 3);
}

}  // namespace
}  // namespace lumos
