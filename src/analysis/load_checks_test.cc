#include "analysis/load_checks.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// 1000 requests over 10 s, sent and answered in time, the generator on a core of its own.
struct Made {
  LoadResult result{.spec = {.arrivals = *parse_arrivals("uniform", "100")},
                    .pacing = {.core = 1, .real_time = true},
                    .collected = Collector(1000, 0, RandomStream(1, "x")),
                    .window = std::chrono::seconds(10),
                    .wall = std::chrono::seconds(10),
                    .cpu = std::chrono::seconds(1)};
  std::int64_t late = 20'000;
  int unsent = 0, failed = 0;

  Check check(const std::string& name) {
    result.collected.end_window(10 * kSecond);
    for (int i = 0; i < 1000; ++i) {
      result.collected.due(late);
      LoadSample sample{.intended = i * kSecond / 100, .done = i * kSecond / 100 + 1000};
      sample.sent = i < unsent ? 11 * kSecond : sample.intended;
      if (i < failed) sample.outcome = Outcome::kReset;
      result.collected.ended(sample);
    }
    for (const Check& c : check_load(result)) {
      if (c.name == name) return c;
    }
    return {};
  }
};

TEST(LoadDelivered, PassesWhenTheRateWasReachedInTime) {
  const Check c = Made{}.check("load_delivered");
  EXPECT_EQ(c.status, CheckStatus::kPass);
  EXPECT_EQ(
      c.detail,
      "1000 of the 1000 requests due were sent within the window; 99 % of the requests had their turn at most 20.0 µs "
      "late; the generator worked 10 % of a core.");
}

TEST(LoadDelivered, FailsWhenTheRateWasNotReached) {
  Made few{.unsent = 10}, many{.unsent = 11};
  EXPECT_EQ(few.check("load_delivered").status, CheckStatus::kPass);
  EXPECT_EQ(many.check("load_delivered").status, CheckStatus::kFail);
}

TEST(LoadDelivered, FailsWhenTheGeneratorWasSaturated) {
  Made made, spinning, closed;
  made.result.cpu = std::chrono::milliseconds(9600);
  EXPECT_EQ(made.check("load_delivered").status, CheckStatus::kFail);
  spinning.result.cpu = made.result.cpu;
  spinning.result.spun = std::chrono::seconds(3);
  EXPECT_EQ(spinning.check("load_delivered").status, CheckStatus::kPass);
  closed.result.cpu = made.result.cpu;
  closed.result.spec.arrivals.reset();
  EXPECT_EQ(closed.check("load_delivered").status, CheckStatus::kFlag);
}

TEST(LoadDelivered, FailsWhenTheGeneratorWasLate) {
  Made some{.late = 2'000'000}, much{.late = 6'000'000};
  EXPECT_EQ(some.check("load_delivered").status, CheckStatus::kFlag);
  EXPECT_EQ(much.check("load_delivered").status, CheckStatus::kFail);
}

TEST(LoadDelivered, FlagsAClosedLoadWhoseUsersWaitedForTheGenerator) {
  Made made{.late = 6'000'000};
  made.result.spec.arrivals.reset();
  made.result.pacing = {};
  const Check c = made.check("load_delivered");
  EXPECT_EQ(c.status, CheckStatus::kFlag);
  EXPECT_EQ(c.detail,
            "64 users sent 1000 requests; 99 % of the requests had their turn at most 6.00 ms late; the generator "
            "worked 10 % of a "
            "core.");
}

TEST(LoadDelivered, FlagsThatItHadNoPriority) {
  Made made;
  made.result.pacing = {.why_not = "this process may use one core only"};
  const Check c = made.check("load_delivered");
  EXPECT_EQ(c.status, CheckStatus::kFlag);
  EXPECT_NE(c.detail.find("this process may use one core only"), std::string::npos);
}

TEST(LoadDelivered, FailsWithoutARequest) {
  LoadResult none{.collected = Collector(1, 0, RandomStream(1, "x")), .window = Nanoseconds(1), .wall = Nanoseconds(1)};
  EXPECT_EQ(check_load(none)[0].status, CheckStatus::kFail);
}

TEST(LoadErrors, FlagsAFewAndFailsMany) {
  Made none, few{.failed = 10}, many{.failed = 11};
  EXPECT_EQ(none.check("errors").status, CheckStatus::kPass);
  EXPECT_EQ(few.check("errors").status, CheckStatus::kFlag);
  const Check c = many.check("errors");
  EXPECT_EQ(c.status, CheckStatus::kFail);
  EXPECT_EQ(c.detail, "11 of 1000 requests failed: 11 reset.");
}

}  // namespace
}  // namespace lumos
