#include "workload/rate_schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lumos {
namespace {

TEST(RateSchedule, AConstantIsDueInProportion) {
  const RateSchedule r = RateSchedule::constant(500);
  EXPECT_EQ(r.rate(0), 500);
  EXPECT_EQ(r.rate(1e6), 500);
  EXPECT_DOUBLE_EQ(r.expected(10), 5000);
  EXPECT_NEAR(r.time_of(3, 100), 3.2, 1e-9);
  EXPECT_EQ(r.seconds(), 0);
}

// 100/s for 10 s, from 100 to 500 within 20 s, then 500/s: 1000 + 6000 + 500 (t − 30).
TEST(RateSchedule, StepsAndRampsAddUp) {
  const RateSchedule r = *parse_rate("100:10s,100-500:20s,500:5s");
  EXPECT_EQ(r.rate(5), 100);
  EXPECT_EQ(r.rate(20), 300);
  EXPECT_EQ(r.rate(1000), 500);
  EXPECT_DOUBLE_EQ(r.expected(10), 1000);
  EXPECT_DOUBLE_EQ(r.expected(20), 1000 + 100 * 10 + 20 * 100 / 2.0);
  EXPECT_DOUBLE_EQ(r.expected(40), 1000 + 6000 + 5000);
  EXPECT_EQ(r.seconds(), 35);
  EXPECT_EQ(r.highest_rate(), 500);
}

TEST(RateSchedule, ASineReturnsToItsMeanEveryPeriod) {
  const RateSchedule r = *parse_rate("sine:300,200,60s");
  EXPECT_NEAR(r.rate(15), 500, 1e-9);
  EXPECT_NEAR(r.rate(45), 100, 1e-9);
  EXPECT_NEAR(r.expected(60), 18'000, 1e-6);
  // Half a period: the mean, and the area under half a sine wave, 2 · amplitude · period / 2π.
  EXPECT_NEAR(r.expected(30), 9000 + 2 * 200 * 60 / (2 * 3.14159265358979), 1e-6);
}

TEST(RateSchedule, TimeOfIsTheInverseWhateverTheShape) {
  for (const char* text : {"7", "100:10s,0:20s,0-300:5s,20:1s", "sine:300,300,10s", "0-1000:1h", "0:1ms,1e7:1s"}) {
    const RateSchedule r = *parse_rate(text);
    double t = 0;
    for (int i = 0; i < 2000; ++i) {
      const double due = 0.1 + (i % 7), next = r.time_of(t, due);
      ASSERT_GE(next, t) << text;
      ASSERT_NEAR(r.expected(next) - r.expected(t), due, 2e-6) << text << " at " << t;
      t = next;
    }
  }
}

TEST(ParseRate, RefusesWhatIsNoRate) {
  for (const char* bad :
       {"", "x", "-5", "-0", "nan", "inf", "1e8", "5 ", "100:", ":10s", "100:10", "100:0s", "1-2-3:4s", "100:10s,",
        "sine:", "sine:1,2", "sine:1,2,3s,4", "sine:1,0,0s", "100:10s;5:1s"}) {
    const auto rate = parse_rate(bad);
    ASSERT_FALSE(rate.has_value()) << bad;
    EXPECT_EQ(rate.error().code, ErrorCode::kUsage) << bad;
  }
  EXPECT_EQ(parse_rate("100:10s,0:5s").error().message,
            "rate '100:10s,0:5s': must end above 0, for that is how it goes on");
  EXPECT_EQ(parse_rate("0").error().message, "rate '0': must end above 0, for that is how it goes on");
  EXPECT_EQ(parse_rate("sine:5,6,1s").error().message,
            "rate 'sine:5,6,1s': the mean must be above 0, the amplitude at most the mean");
  EXPECT_EQ(parse_rate("10:5").error().message, "'5' is not a duration such as 250ms, 20s, 5m or 1h");
}

}  // namespace
}  // namespace lumos
