#include "stats/quantile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"

namespace lumos {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Quantile, IsAnOrderStatistic) {
  const std::vector<double> values{5, 1, 4, 2, 3};
  EXPECT_EQ(quantile(values, 0.5), 3);
  EXPECT_EQ(quantile(values, 0.2), 1);
  EXPECT_EQ(quantile(values, 0.21), 2);
  EXPECT_EQ(quantile(values, 1.0), 5);
}

TEST(Quantile, MedianOfAnEvenCountIsTheLowerMiddleValue) { EXPECT_EQ(quantile({4, 1, 3, 2}, 0.5), 2); }

TEST(Quantile, IsNotMovedByRounding) {
  EXPECT_EQ(quantile_index(100, 0.55), 54U);  // 100 · 0.55 is 55.000000000000007
  EXPECT_EQ(quantile_index(20, 0.95), 18U);
  EXPECT_EQ(quantile_index(100, 0.99), 98U);
  EXPECT_EQ(quantile_index(1'000'000, 0.999), 998'999U);
}

TEST(Quantile, ToleratesInfiniteValues) {
  EXPECT_EQ(quantile({kInf, 1, 2}, 0.5), 2);
  EXPECT_EQ(quantile({kInf, 1, 2}, 0.95), kInf);
  EXPECT_EQ(quantile({kInf, kInf}, 0.5), kInf);
}

TEST(Quantile, OfNothingIsNothing) {
  EXPECT_EQ(quantile({}, 0.5), std::nullopt);
  EXPECT_EQ(quantile_of_sorted({}, 0.5), std::nullopt);
  EXPECT_EQ(quantile({7}, 0.01), 7);
}

TEST(Quantile, SortedAndUnsortedAgree) {
  RandomStream stream(1, "quantile");
  std::vector<double> values(997);
  for (auto& value : values) value = stream.uniform();
  auto sorted = values;
  std::ranges::sort(sorted);
  for (const double p : {0.001, 0.25, 0.5, 0.9, 0.99, 1.0})
    EXPECT_EQ(quantile(values, p), quantile_of_sorted(sorted, p));
}

// The standard error of a sample quantile is sqrt(p(1 − p)/n) / f(x); the density f of the exponential at its
// p-quantile is 1 − p.
TEST(Quantile, RecoversThoseOfTheExponential) {
  RandomStream stream(2, "exponential");
  constexpr int kSamples = 40'000;
  std::vector<double> values(kSamples);
  for (auto& value : values) value = -std::log1p(-stream.uniform());
  for (const double p : {0.5, 0.95, 0.99}) {
    const double standard_error = std::sqrt(p * (1 - p) / kSamples) / (1 - p);
    EXPECT_NEAR(*quantile(values, p), -std::log1p(-p), 4 * standard_error) << p;
  }
}

}  // namespace
}  // namespace lumos
