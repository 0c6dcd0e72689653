#include "stats/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "stats/quantile.h"

namespace lumos {
namespace {

constexpr double kProbabilities[] = {0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1};

void expect_quantiles_of(const Histogram& histogram, std::vector<double> values) {
  std::ranges::sort(values);
  for (const double p : kProbabilities) {
    const double exact = *quantile_of_sorted(values, p);
    EXPECT_NEAR(*histogram.quantile(p), exact, exact * Histogram::kRelativeError) << p;
  }
}

TEST(Histogram, IsExactBelow256) {
  Histogram histogram;
  for (int i = 0; i < 256; ++i) histogram.add(i);
  for (int i = 0; i < 256; ++i) EXPECT_EQ(histogram.quantile((i + 1) / 256.0), i);
}

TEST(Histogram, IsWithinItsErrorOfTheOrderStatisticOverEveryMagnitude) {
  RandomStream random(1, "histogram");
  Histogram histogram;
  std::vector<double> values;
  for (int i = 0; i < 100'000; ++i) {
    const double value = std::floor(std::exp(random.uniform() * 43));  // up to 2^62
    histogram.add(static_cast<std::int64_t>(value));
    values.push_back(value);
  }
  expect_quantiles_of(histogram, std::move(values));
}

TEST(Histogram, RecoversTheQuantilesOfAnExponential) {
  constexpr int kCount = 200'000;
  constexpr double kMean = 5e6;
  RandomStream random(2, "histogram");
  Histogram histogram;
  for (int i = 0; i < kCount; ++i) histogram.add(std::llround(-kMean * std::log1p(-random.uniform())));
  for (const double p : {0.5, 0.9, 0.99}) {
    // The standard error of a sample quantile is sqrt(p(1 − p)/n) / f(x_p); of an exponential f(x_p) = (1 − p)/mean.
    const double truth = -kMean * std::log1p(-p), error = kMean * std::sqrt(p / (1 - p) / kCount);
    EXPECT_NEAR(*histogram.quantile(p), truth, 4 * error + truth * Histogram::kRelativeError) << p;
  }
}

TEST(Histogram, BucketsMeetWithoutGapsAtEveryPowerOfTwo) {
  for (int power = 0; power < 63; ++power) {
    for (const std::int64_t value : {(std::int64_t{1} << power) - 1, std::int64_t{1} << power}) {
      Histogram histogram;
      histogram.add(value);
      histogram.add(INT64_MAX);  // so that the extremes do not correct what the bucket says
      histogram.add(0);
      const auto exact = static_cast<double>(value);
      EXPECT_NEAR(*histogram.quantile(2.0 / 3), exact, exact * Histogram::kRelativeError);
    }
  }
}

TEST(Histogram, FailuresAreAboveEveryValue) {
  Histogram histogram;
  for (int i = 0; i < 98; ++i) histogram.add(1000);
  histogram.add_infinite(2);
  EXPECT_EQ(histogram.count(), 100u);
  EXPECT_EQ(histogram.quantile(0.98), 1000);
  EXPECT_EQ(histogram.quantile(0.99), std::numeric_limits<double>::infinity());
  EXPECT_EQ(histogram.max(), std::numeric_limits<double>::infinity());
}

TEST(Histogram, OfNothingSaysNothing) {
  const Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), std::nullopt);
  EXPECT_EQ(histogram.max(), std::nullopt);
  EXPECT_TRUE(histogram.by_power_of_two().empty());
}

TEST(Histogram, MergedIsWhatOneWouldHaveCounted) {
  RandomStream random(3, "histogram");
  Histogram one, left, right;
  for (int i = 0; i < 10'000; ++i) {
    const auto value = static_cast<std::int64_t>(random.below(1ULL << random.below(40)));
    one.add(value);
    (i % 3 == 0 ? left : right).add(value);
  }
  one.add_infinite();
  right.add_infinite();
  left.merge(right);
  EXPECT_EQ(left.count(), one.count());
  EXPECT_EQ(left.max(), one.max());
  EXPECT_EQ(left.by_power_of_two(), one.by_power_of_two());
  for (const double p : kProbabilities) EXPECT_EQ(left.quantile(p), one.quantile(p));
}

TEST(Histogram, PowersOfTwoCountEveryFiniteValueOnce) {
  Histogram histogram;
  for (const std::int64_t value : {-5, 0, 1, 2, 3, 1023, 1024, 1'000'000}) histogram.add(value);
  histogram.add_infinite();
  const std::vector<std::pair<std::int64_t, std::uint64_t>> expected{{1, 2},    {2, 1},    {4, 2},
                                                                     {1024, 1}, {2048, 1}, {1 << 20, 1}};
  EXPECT_EQ(histogram.by_power_of_two(), expected);
}

TEST(Histogram, ItsBucketsMakeItAgain) {
  Histogram h;
  RandomStream stream(1, "values");
  for (int i = 0; i < 1000; ++i) h.add(static_cast<std::int64_t>(stream.below(std::uint64_t{1} << stream.below(62))));
  const auto buckets = h.by_bucket();
  EXPECT_TRUE(std::ranges::is_sorted(buckets));
  Histogram again;
  for (const auto& [value, count] : buckets) {
    for (std::uint64_t i = 0; i < count; ++i) again.add(value);
  }
  EXPECT_EQ(again.by_bucket(), buckets);
  EXPECT_EQ(again.count(), 1000u);
}

}  // namespace
}  // namespace lumos
