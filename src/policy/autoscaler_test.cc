// Cases computed by hand after Knative's documentation (knative.dev, "Autoscaling", "KPA") and algorithm.
#include "policy/autoscaler.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

using std::chrono::seconds;

/// Ten requests at a time in an instance at most, all of them wanted: a target of 10.
AutoscalerConfig of_ten() { return {.container_concurrency = 10, .container_concurrency_target_percentage = 100}; }

/// An autoscaler that has reached its initial scale, and remembers.
struct Scaler {
  AutoscalerConfig config = of_ten();
  AutoscalerState state{.active_since = Nanoseconds(0), .initial_reached = true};

  ScaleDecision at(int second, double stable, double panic, int ready) {
    auto [decision, next] = decide_scale(
        config, state,
        {.now = seconds(second), .stable_concurrency = stable, .panic_concurrency = panic, .ready = ready});
    state = next;
    return decision;
  }
  int desired(int second, double stable, double panic, int ready) { return at(second, stable, panic, ready).desired; }
};

TEST(AutoscalerConfig, DefaultsAreThoseOfKnative) {
  const AutoscalerConfig c;
  EXPECT_EQ(c.target(), 70);  // 70 % of 100
  EXPECT_EQ(c.panic_window(), seconds(6));
  EXPECT_EQ((AutoscalerConfig{.container_concurrency = 10}.target()), 7);
  EXPECT_DOUBLE_EQ((AutoscalerConfig{.container_concurrency = 1}.target()), 0.7);
  EXPECT_EQ((AutoscalerConfig{.stable_window = seconds(6), .panic_window_percentage = 1}.panic_window()), seconds(1));
}

TEST(Autoscaler, DividesTheStableConcurrencyByTheTarget) {
  EXPECT_EQ(Scaler{}.desired(100, 50, 10, 5), 5);
  EXPECT_EQ(Scaler{}.desired(100, 51, 10, 5), 6);
  EXPECT_EQ(Scaler{}.at(100, 50, 10, 5).reason, ScaleReason::kStable);
  // 100 requests, at most 10 in an instance, of which 7 are wanted: 100 / 7 = 14.3.
  Scaler usual{.config = {.container_concurrency = 10}};
  EXPECT_EQ(usual.desired(100, 100, 100, 14), 15);
}

TEST(Autoscaler, PanicsAtTwiceOfWhatIsReady) {
  Scaler below, at;
  EXPECT_FALSE(below.at(100, 10, 39, 3).panicking);  // wants 4, 2 × 3 = 6
  EXPECT_EQ(below.desired(102, 10, 50, 3), 1);       // wants 5
  const ScaleDecision d = at.at(100, 10, 51, 3);     // wants 6
  EXPECT_TRUE(d.panicking);
  EXPECT_EQ(d.desired, 6);
  EXPECT_EQ(d.reason, ScaleReason::kPanic);
}

TEST(Autoscaler, FromZeroOneIsTakenAsReady) {
  EXPECT_FALSE(Scaler{}.at(100, 1, 10, 0).panicking);
  EXPECT_TRUE(Scaler{}.at(100, 1, 11, 0).panicking);
}

TEST(Autoscaler, InPanicItNeverScalesDown) {
  Scaler s;
  EXPECT_EQ(s.desired(100, 20, 100, 2), 10);
  EXPECT_EQ(s.desired(130, 30, 20, 10), 10);
  EXPECT_EQ(s.at(132, 30, 20, 10).reason, ScaleReason::kPanic);
  EXPECT_EQ(s.desired(134, 130, 20, 10), 13);  // the stable window may want more
  EXPECT_EQ(s.desired(136, 20, 20, 10), 13);
}

TEST(Autoscaler, PanicEndsAStableWindowAfterTheThresholdWasLastReached) {
  Scaler s;
  EXPECT_TRUE(s.at(100, 20, 100, 2).panicking);
  EXPECT_TRUE(s.at(110, 20, 100, 5).panicking);  // 10 ≥ 2 × 5: begins anew
  EXPECT_TRUE(s.at(170, 60, 60, 10).panicking);  // exactly one window later
  const ScaleDecision d = s.at(171, 60, 60, 10);
  EXPECT_FALSE(d.panicking);
  EXPECT_EQ(d.desired, 6);
  EXPECT_TRUE(s.at(172, 60, 200, 6).panicking);  // and what was wanted in the first panic is forgotten
  EXPECT_EQ(s.at(174, 60, 60, 6).desired, 20);
}

TEST(Autoscaler, ScalesUpNoFasterThanItsRate) {
  Scaler s;
  s.config.max_scale_up_rate = 2;
  const ScaleDecision d = s.at(100, 500, 500, 3);
  EXPECT_EQ(d.desired, 6);
  EXPECT_EQ(d.reason, ScaleReason::kRateLimit);
  Scaler slow;
  slow.config.max_scale_up_rate = 1.1;
  EXPECT_EQ(slow.desired(100, 30, 30, 2), 3);  // ⌈2.2⌉: never stuck
}

TEST(Autoscaler, ScalesDownNoFasterThanItsRate) {
  Scaler s;
  EXPECT_EQ(s.desired(100, 0, 0, 9), 4);  // ⌊9 / 2⌋
  EXPECT_EQ(s.at(102, 0, 0, 4).reason, ScaleReason::kRateLimit);
  EXPECT_EQ(s.desired(104, 0, 0, 2), 1);
}

TEST(Autoscaler, DelaysScalingDown) {
  Scaler s;
  s.config.scale_down_delay = seconds(300);
  EXPECT_EQ(s.desired(2, 40, 40, 3), 4);
  EXPECT_EQ(s.desired(60, 30, 30, 4), 4);
  EXPECT_EQ(s.at(301, 20, 20, 4).reason, ScaleReason::kDelay);
  EXPECT_EQ(s.desired(302, 20, 20, 4), 3);
  EXPECT_EQ(s.desired(360, 20, 20, 3), 2);
}

TEST(Autoscaler, KeepsToItsBounds) {
  Scaler s;
  s.config.min_scale = 2;
  s.config.max_scale = 5;
  const ScaleDecision low = s.at(500, 0, 0, 2), high = s.at(600, 900, 900, 5);
  EXPECT_EQ(low.desired, 2);
  EXPECT_EQ(low.reason, ScaleReason::kMinScale);
  EXPECT_EQ(high.desired, 5);
  EXPECT_EQ(high.reason, ScaleReason::kMaxScale);
}

TEST(Autoscaler, ReachesItsInitialScaleOnce) {
  Scaler s{.state = {}};
  s.config.initial_scale = 3;
  const auto [first, next] = decide_scale(s.config, s.state, {.now = seconds(0)});
  EXPECT_EQ(first.desired, 3);
  EXPECT_EQ(first.reason, ScaleReason::kInitial);
  s.state = next;
  EXPECT_EQ(s.desired(2, 1, 1, 2), 3);
  EXPECT_EQ(s.desired(4, 1, 1, 3), 1);
  EXPECT_EQ(s.desired(6, 1, 1, 1), 1);
}

TEST(Autoscaler, ActivatesToItsActivationScale) {
  Scaler s;
  s.config.activation_scale = 3;
  EXPECT_EQ(s.desired(100, 1, 1, 0), 3);
  EXPECT_EQ(s.at(102, 1, 1, 3).reason, ScaleReason::kActivation);
  EXPECT_EQ(s.desired(104, 40, 1, 3), 4);
  EXPECT_EQ(s.desired(500, 0, 0, 1), 0);  // without demand it does not matter
}

TEST(Autoscaler, WithoutDataEverythingStaysAsItIs) {
  const Scaler s;
  const auto [decision, next] = decide_scale(s.config, s.state, {.now = seconds(100), .ready = 4});
  EXPECT_EQ(decision.desired, 4);
  EXPECT_EQ(decision.reason, ScaleReason::kNoData);
}

TEST(ScaleToZero, NeedsAStableWindowOfActivity) {
  Scaler s{.state = {.initial_reached = true}};
  EXPECT_EQ(s.desired(100, 5, 5, 0), 1);
  EXPECT_EQ(s.desired(130, 0, 0, 1), 1);
  EXPECT_EQ(s.at(159, 0, 0, 1).reason, ScaleReason::kLastInstance);
  EXPECT_EQ(s.desired(160, 0, 0, 1), 0);
}

TEST(ScaleToZero, KeepsTheLastInstanceForItsRetentionPeriod) {
  Scaler s;
  s.config.scale_to_zero_pod_retention_period = seconds(90);
  EXPECT_EQ(s.desired(100, 0, 0, 1), 1);
  EXPECT_EQ(s.desired(189, 0, 0, 1), 1);
  EXPECT_EQ(s.desired(190, 0, 0, 1), 0);
  EXPECT_EQ(s.desired(192, 5, 5, 0), 1);  // a request ends it
  EXPECT_EQ(s.desired(300, 0, 0, 1), 1);
  EXPECT_EQ(s.desired(390, 0, 0, 1), 0);
}

TEST(ScaleToZero, WaitsOutTheGracePeriodWhereTheGatewayIsNotInThePath) {
  Scaler s;
  const auto at = [&](int second, int in_path) {
    auto [decision, next] = decide_scale(s.config, s.state,
                                         {.now = seconds(second),
                                          .stable_concurrency = 0,
                                          .panic_concurrency = 0,
                                          .ready = 1,
                                          .gateway_in_path = seconds(in_path)});
    s.state = next;
    return decision.desired;
  };
  EXPECT_EQ(at(100, 0), 1);
  EXPECT_EQ(at(129, 0), 1);
  EXPECT_EQ(at(129, 30), 0);
  EXPECT_EQ(at(130, 0), 0);  // it would be by now
}

TEST(ScaleToZero, MayBeSwitchedOff) {
  Scaler s;
  s.config.enable_scale_to_zero = false;
  EXPECT_EQ(s.desired(1000, 0, 0, 1), 1);
  EXPECT_EQ(s.at(2000, 0, 0, 1).reason, ScaleReason::kLastInstance);
}

// A burst of 200 requests of 1 s each on an empty deployment, container concurrency 10, as Knative sets it up.
TEST(Autoscaler, ScriptedBurst) {
  Scaler s{.config = {.container_concurrency = 10}, .state = {.initial_reached = true}};
  EXPECT_EQ(s.desired(2, 200, 200, 0), 29);  // ⌈200 / 7⌉; both windows are as young as the burst
  EXPECT_TRUE(s.state.panic_since.has_value());
  EXPECT_EQ(s.desired(4, 100, 100, 29), 29);
  EXPECT_EQ(s.desired(20, 10, 0, 29), 29);
  EXPECT_EQ(s.desired(64, 3, 0, 29), 14);  // panic over: down by half at a time
  EXPECT_EQ(s.desired(66, 0, 0, 14), 7);
  EXPECT_EQ(s.desired(68, 0, 0, 7), 3);
  EXPECT_EQ(s.desired(70, 0, 0, 3), 1);
  EXPECT_EQ(s.desired(72, 0, 0, 1), 0);
}

}  // namespace
}  // namespace lumos
