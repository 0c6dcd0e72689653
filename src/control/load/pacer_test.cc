#include "control/load/pacer.h"

#include <gtest/gtest.h>

#include <vector>

namespace lumos {
namespace {

class ManualClock final : public Clock {
 public:
  Nanoseconds now() const override { return time; }
  Nanoseconds time{0};
};

/// Sleeps exactly, plus `late`; a look takes 1 µs. Descriptors are ready from `ready_at` on.
struct FakeKernel {
  ManualClock clock;
  Nanoseconds late{0}, ready_at{INT64_MAX};
  std::vector<std::int64_t> sleeps;
  int looks = 0;
  bool signal = false;

  int poll(Nanoseconds timeout) {
    if (signal) return -1;
    if (timeout == Nanoseconds(0)) {
      ++looks;
      clock.time += std::chrono::microseconds(1);
    } else {
      sleeps.push_back(timeout.count());
      clock.time = std::min(clock.time + timeout + late, std::max(ready_at, clock.time));
    }
    return clock.time >= ready_at ? 3 : 0;
  }
  Pacer pacer(Nanoseconds spin) {
    return Pacer(clock, spin, [this](Nanoseconds timeout) { return poll(timeout); });
  }
};

constexpr Nanoseconds kSpin = std::chrono::microseconds(50);

TEST(Pacer, WakesEarlyAndLooksUntilItIsTime) {
  FakeKernel kernel{.late = std::chrono::microseconds(30)};
  Pacer pacer = kernel.pacer(kSpin);
  EXPECT_EQ(pacer.wait(1'000'000), 0);
  EXPECT_EQ(kernel.sleeps, std::vector<std::int64_t>{950'000});
  EXPECT_EQ(kernel.clock.time, Nanoseconds(1'000'000));  // and not 30 µs late
  EXPECT_EQ(pacer.spun(), std::chrono::microseconds(20));
}

TEST(Pacer, SleepsAtLeastHalfOfAShortWait) {
  FakeKernel kernel;
  Pacer pacer = kernel.pacer(kSpin);
  pacer.wait(20'000);
  EXPECT_EQ(kernel.sleeps, std::vector<std::int64_t>{10'000});
  EXPECT_EQ(pacer.spun(), std::chrono::microseconds(10));
}

TEST(Pacer, WithoutSpinOnlySleeps) {
  FakeKernel kernel;
  Pacer pacer = kernel.pacer(Nanoseconds(0));
  EXPECT_EQ(pacer.wait(1'000'000), 0);
  EXPECT_EQ(kernel.sleeps, std::vector<std::int64_t>{1'000'000});
  EXPECT_EQ(kernel.looks, 0);
  EXPECT_EQ(pacer.spun(), Nanoseconds(0));
}

TEST(Pacer, ReturnsAsSoonAsSomethingIsReady) {
  FakeKernel asleep{.ready_at = Nanoseconds(400'000)}, looking{.ready_at = Nanoseconds(970'000)};
  EXPECT_EQ(asleep.pacer(kSpin).wait(1'000'000), 3);
  EXPECT_EQ(asleep.clock.time, Nanoseconds(400'000));
  EXPECT_EQ(looking.pacer(kSpin).wait(1'000'000), 3);
  EXPECT_EQ(looking.clock.time, Nanoseconds(970'000));
}

TEST(Pacer, AfterItsTimeOnlyLooksOnce) {
  FakeKernel kernel{.clock = {}, .ready_at = Nanoseconds(0)};
  kernel.clock.time = Nanoseconds(500);
  EXPECT_EQ(kernel.pacer(kSpin).wait(400), 3);
  EXPECT_EQ(kernel.looks, 1);
  EXPECT_TRUE(kernel.sleeps.empty());
}

TEST(Pacer, ASignalEndsTheWait) {
  FakeKernel kernel{.signal = true};
  EXPECT_EQ(kernel.pacer(kSpin).wait(1'000'000), 0);
  EXPECT_EQ(kernel.pacer(kSpin).wait(0), 0);
}

}  // namespace
}  // namespace lumos
