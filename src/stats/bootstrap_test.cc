#include "stats/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string_view>

namespace lumos {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

Replicates singles(const std::vector<double>& values) {
  Replicates result;
  for (const double value : values) result.push_back({value});
  return result;
}

QuantileEstimates estimate(const Replicates& replicates, std::string_view name = "test") {
  return bootstrap_quantiles(replicates, RandomStream(1, name));
}

Replicates exponential(std::size_t count, std::size_t size) {
  RandomStream stream(7, "exponential");
  Replicates result(count, std::vector<double>(size));
  for (auto& replicate : result) {
    for (auto& value : replicate) value = -std::log1p(-stream.uniform());
  }
  return result;
}

TEST(Bootstrap, OfNothingIsNothing) {
  for (const Replicates& nothing : {Replicates{}, Replicates{{}, {}}}) {
    const auto result = estimate(nothing);
    EXPECT_EQ(result.samples, 0U);
    EXPECT_EQ(result.replicates, 0U);
    EXPECT_FALSE(result.p50 || result.p95 || result.p99);
    EXPECT_TRUE(result.p50_draws.empty());
  }
}

TEST(Bootstrap, OneSampleHasAQuantileAndNoInterval) {
  const auto result = estimate({{3.5}});
  EXPECT_EQ(result.p50->value, 3.5);
  EXPECT_EQ(result.p99->value, 3.5);
  EXPECT_EQ(result.p50->ci, std::nullopt);
}

TEST(Bootstrap, EqualSamplesGiveAnIntervalOfNoWidth) {
  const auto result = estimate(Replicates(10, std::vector<double>(40, 2.0)));
  EXPECT_EQ(result.samples, 400U);
  for (const auto& quantile : {result.p50, result.p95, result.p99}) {
    EXPECT_EQ(quantile->value, 2.0);
    EXPECT_EQ(quantile->ci, (Interval{2.0, 2.0}));
  }
}

TEST(Bootstrap, AllFailedIsInfiniteThroughout) {
  const auto result = estimate(singles(std::vector<double>(8, kInf)));
  EXPECT_EQ(result.p50->value, kInf);
  EXPECT_EQ(result.p50->ci, (Interval{kInf, kInf}));
}

TEST(Bootstrap, SomeFailuresLeaveTheUpperEndInfinite) {
  std::vector<double> values{1, 2, 3, 4, 5, 6, kInf, kInf, kInf};
  const auto result = estimate(singles(values));
  EXPECT_EQ(result.p50->value, 5);
  EXPECT_TRUE(std::isfinite(result.p50->ci->lo));
  EXPECT_EQ(result.p50->ci->hi, kInf);
}

struct Support {
  std::size_t replicates, size;
  bool p50, p95, p99;
};

TEST(Bootstrap, GivesOnlyIntervalsThatTheDataSupport) {
  for (const Support& given :
       {Support{5, 1, false, false, false}, Support{6, 1, true, false, false}, Support{58, 1, true, false, false},
        Support{59, 1, true, true, false}, Support{298, 1, true, true, false}, Support{299, 1, true, true, true},
        Support{5, 1000, false, false, false}, Support{6, 50, true, true, true}}) {
    const auto result = estimate(exponential(given.replicates, given.size));
    EXPECT_EQ(result.p50->ci.has_value(), given.p50) << given.replicates << " x " << given.size;
    EXPECT_EQ(result.p95->ci.has_value(), given.p95) << given.replicates << " x " << given.size;
    EXPECT_EQ(result.p99->ci.has_value(), given.p99) << given.replicates << " x " << given.size;
  }
}

TEST(Bootstrap, EmptyReplicatesDoNotCount) {
  auto replicates = exponential(6, 4);
  const auto without = estimate(replicates);
  replicates.insert(replicates.begin() + 2, 3, {});
  const auto with = estimate(replicates);
  EXPECT_EQ(with.replicates, 6U);
  EXPECT_EQ(with.p50->ci, without.p50->ci);
}

TEST(Bootstrap, SameStreamSameIntervals) {
  const auto replicates = exponential(30, 3);
  EXPECT_EQ(estimate(replicates).p50_draws, estimate(replicates).p50_draws);
  EXPECT_NE(estimate(replicates).p50_draws, estimate(replicates, "another").p50_draws);
}

TEST(Bootstrap, TakesReplicatesOfDifferentSizes) {
  const auto result = estimate({{1}, {2, 2, 2}, {3, 3}, {4}, {5, 5, 5, 5, 5}, {6}});
  EXPECT_EQ(result.samples, 13U);
  EXPECT_EQ(result.p50->value, 4);
  EXPECT_LE(result.p50->ci->lo, 3);
  EXPECT_GE(result.p50->ci->hi, 5);
}

// The interval of a median is about ±1.96 · 1/(2 f √n) wide, f = 1/2 the density of the exponential at its median
// (asymptotic).
TEST(Bootstrap, WidthIsThatOfTheStandardError) {
  constexpr double kSamples = 2000;
  const auto result = estimate(exponential(2000, 1));
  const double expected = 2 * 1.96 / std::sqrt(kSamples);
  EXPECT_NEAR(result.p50->ci->hi - result.p50->ci->lo, expected, 0.25 * expected);
  EXPECT_TRUE(result.p50->ci->contains(std::log(2)));
}

}  // namespace
}  // namespace lumos
