#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "stats/bootstrap.h"

namespace lumos {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Frequencies counted(const std::vector<double>& values) {
  std::map<double, std::uint64_t> counts;
  for (const double value : values) ++counts[value];
  return {counts.begin(), counts.end()};
}

// Exponential values around a level of their own, rounded so that some come up twice.
Replicates noisy(int replicates, int samples, double spread, std::uint64_t seed) {
  RandomStream stream(seed, "noisy");
  Replicates result;
  for (int r = 0; r < replicates; ++r) {
    const double level = 100 * (1 + spread * (stream.uniform() - 0.5));
    auto& values = result.emplace_back();
    for (int i = 0; i < samples; ++i) values.push_back(std::round(level * (1 - std::log1p(-stream.uniform()))));
  }
  return result;
}

TEST(BootstrapFrequencies, HasTheQuantilesOfTheSamples) {
  const Replicates samples = noisy(7, 101, 0.3, 1);
  std::vector<Frequencies> frequencies;
  for (const auto& values : samples) frequencies.push_back(counted(values));
  const auto exact = bootstrap_quantiles(samples, RandomStream(1, "a"), 10);
  const auto from_counts = bootstrap_frequencies(frequencies, RandomStream(1, "b"), 10);
  EXPECT_EQ(from_counts.samples, exact.samples);
  EXPECT_EQ(from_counts.replicates, exact.replicates);
  EXPECT_EQ(from_counts.p50->value, exact.p50->value);
  EXPECT_EQ(from_counts.p95->value, exact.p95->value);
  EXPECT_EQ(from_counts.p99->value, exact.p99->value);
  EXPECT_EQ(quantile_of_frequencies(frequencies, 0.95), exact.p95->value);
}

// Whether repetitions differ much or not at all, it is as wide as the bootstrap that draws every sample.
TEST(BootstrapFrequencies, HasTheIntervalsOfTheBootstrapOfSamples) {
  for (const double spread : {0.0, 0.1, 0.6}) {
    for (const int samples : {60, 1000}) {
      const Replicates values = noisy(10, samples, spread, 3);
      std::vector<Frequencies> frequencies;
      for (const auto& replicate : values) frequencies.push_back(counted(replicate));
      const auto a = bootstrap_quantiles(values, RandomStream(1, "a"), 2000);
      const auto b = bootstrap_frequencies(frequencies, RandomStream(1, "b"), 2000);
      for (const auto& [exact, counts] : {std::pair(a.p50, b.p50), std::pair(a.p95, b.p95), std::pair(a.p99, b.p99)}) {
        ASSERT_EQ(exact->ci.has_value(), counts->ci.has_value());
        const double width = exact->ci->hi - exact->ci->lo;
        EXPECT_NEAR(counts->ci->hi - counts->ci->lo, width, 0.25 * width + 1) << spread << " " << samples;
        EXPECT_NEAR(counts->ci->lo, exact->ci->lo, 0.25 * width + 1) << spread << " " << samples;
      }
    }
  }
}

TEST(BootstrapFrequencies, FailuresAreInfinite) {
  std::vector<Frequencies> replicates(6, Frequencies{{1, 97}, {kInfinity, 3}});
  const auto q = bootstrap_frequencies(replicates, RandomStream(1, "a"), 500);
  EXPECT_EQ(q.p50->value, 1);
  EXPECT_EQ(q.p95->value, 1);
  EXPECT_EQ(q.p99->value, kInfinity);
  EXPECT_EQ(q.p99->ci->hi, kInfinity);
}

TEST(BootstrapFrequencies, TooFewRepetitionsHaveNoInterval) {
  const std::vector<Frequencies> five(5, Frequencies{{1, 1000}});
  EXPECT_EQ(bootstrap_frequencies(five, RandomStream(1, "a")).p50->ci, std::nullopt);
  EXPECT_EQ(bootstrap_frequencies({}, RandomStream(1, "a")).p50, std::nullopt);
}

}  // namespace
}  // namespace lumos
