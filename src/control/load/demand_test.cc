#include "control/load/demand.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lumos {
namespace {

TEST(OpenLoop, GoesOnWhateverBecomesOfItsRequests) {
  OpenLoop loop(Arrivals(*parse_arrivals("uniform", "1000"), std::chrono::milliseconds(3), RandomStream(1, "x")), 100);
  std::vector<std::int64_t> due;
  while (const auto next = loop.next()) {
    due.push_back(*next);
    loop.take();
    loop.ended(0, false);
  }
  EXPECT_EQ(due, (std::vector<std::int64_t>{500'100, 1'500'100, 2'500'100}));
}

TEST(OpenLoop, Stops) {
  OpenLoop loop(Arrivals(*parse_arrivals("uniform", "1000"), std::chrono::hours(1), RandomStream(1, "x")), 0);
  loop.stop();
  EXPECT_EQ(loop.next(), std::nullopt);
}

TEST(ClosedLoop, EachUserHasOneRequestUnderWay) {
  ClosedLoop loop(2, {.mean = Nanoseconds(50)}, 1000, Nanoseconds(500), RandomStream(1, "x"));
  EXPECT_EQ(loop.next(), 1000);
  loop.take();
  EXPECT_EQ(loop.next(), 1000);
  loop.take();
  EXPECT_EQ(loop.next(), std::nullopt);
  loop.ended(1200, true);
  EXPECT_EQ(loop.next(), 1250);
  loop.ended(1100, true);
  EXPECT_EQ(loop.next(), 1150);
}

TEST(ClosedLoop, EndsWithItsWindow) {
  ClosedLoop loop(1, {.mean = Nanoseconds(50)}, 1000, Nanoseconds(500), RandomStream(1, "x"));
  loop.take();
  loop.ended(1450, true);  // would be due at 1500, which is the window's end
  EXPECT_EQ(loop.next(), std::nullopt);
  loop.ended(1449, true);
  EXPECT_EQ(loop.next(), 1499);
  loop.stop();
  EXPECT_EQ(loop.next(), std::nullopt);
  loop.ended(1100, true);
  EXPECT_EQ(loop.next(), std::nullopt);
}

TEST(ClosedLoop, AfterAFailureAUserWaits) {
  ClosedLoop loop(1, {}, 0, std::chrono::seconds(1), RandomStream(1, "x"));
  loop.take();
  loop.ended(5, false);
  EXPECT_EQ(loop.next(), 5 + ClosedLoop::kAfterFailure.count());
}

TEST(ClosedLoop, ThinksExponentiallyLong) {
  constexpr int kThoughts = 20'000;
  constexpr double kMean = 1e6;
  ClosedLoop loop(1, {.mean = Nanoseconds(1'000'000), .exponential = true}, 0, std::chrono::hours(1),
                  RandomStream(1, "x"));
  double sum = 0, squares = 0;
  for (int i = 0; i < kThoughts; ++i) {
    loop.take();
    loop.ended(0, true);
    const auto thought = static_cast<double>(*loop.next());
    sum += thought;
    squares += thought * thought;
  }
  const double mean = sum / kThoughts;
  EXPECT_NEAR(mean, kMean, 4 * kMean / std::sqrt(kThoughts));
  EXPECT_NEAR(squares / kThoughts - mean * mean, kMean * kMean, 4 * std::sqrt(8.0 / kThoughts) * kMean * kMean);
}

}  // namespace
}  // namespace lumos
