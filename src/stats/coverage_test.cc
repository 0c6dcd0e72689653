// Do 95 % intervals hold the truth in 95 % of experiments? Fixed seeds; the bounds are four standard errors of a share
// of 400.
#include <gtest/gtest.h>

#include <cmath>
#include <format>
#include <numbers>

#include "stats/bootstrap.h"
#include "stats/ratio.h"

namespace lumos {
namespace {

constexpr int kExperiments = 400;
constexpr int kDraws = 500;

double four_standard_errors(double share) { return 4 * std::sqrt(share * (1 - share) / kExperiments); }

// Box and Muller, 1958.
double normal(RandomStream& stream) {
  const double radius = std::sqrt(-2 * std::log1p(-stream.uniform()));
  return radius * std::cos(2 * std::numbers::pi * stream.uniform());
}

/// `count` replicates of `size` samples with median 10; the deviations between and within replicates are given.
Replicates experiment(RandomStream& stream, std::size_t count, std::size_t size, double between, double within) {
  Replicates result(count);
  for (auto& replicate : result) {
    const double centre = 10 + between * normal(stream);
    for (std::size_t i = 0; i < size; ++i) replicate.push_back(centre + within * normal(stream));
  }
  return result;
}

Replicates flattened(const Replicates& replicates) {
  Replicates result;
  for (const auto& replicate : replicates) {
    for (const double value : replicate) result.push_back({value});
  }
  return result;
}

struct Coverage {
  double hierarchical = 0, flat = 0;
};

/// The share of experiments whose interval of the median holds it.
Coverage coverage_of_the_median(std::size_t count, std::size_t size, double between, double within) {
  RandomStream stream(11, std::format("experiments {} {}", count, size));
  Coverage result;
  for (int i = 0; i < kExperiments; ++i) {
    const auto data = experiment(stream, count, size, between, within);
    const auto draws = [&](const Replicates& of) {
      return bootstrap_quantiles(of, RandomStream(12, std::format("draws {}", i)), kDraws).p50->ci->contains(10);
    };
    result.hierarchical += draws(data) ? 1.0 / kExperiments : 0;
    if (size > 1) result.flat += draws(flattened(data)) ? 1.0 / kExperiments : 0;
  }
  return result;
}

TEST(Coverage, OfIndependentSamplesIsAsPromised) {
  const double share = coverage_of_the_median(40, 1, 0, 1).hierarchical;
  EXPECT_NEAR(share, 0.95, four_standard_errors(0.95));
}

TEST(Coverage, OfClusteredSamplesIsAsPromisedWhereAFlatBootstrapFails) {
  const auto share = coverage_of_the_median(20, 10, 1, 1);
  EXPECT_NEAR(share.hierarchical, 0.95, four_standard_errors(0.95));
  EXPECT_LT(share.flat, 0.75);
}

TEST(Coverage, OfReplicatesThatDoNotDifferErrsToTheSafeSide) {
  EXPECT_GE(coverage_of_the_median(20, 10, 0, 1).hierarchical, 0.95);
}

TEST(Coverage, OfARatioIsAsPromised) {
  RandomStream stream(13, "ratios");
  double share = 0;
  for (int i = 0; i < kExperiments; ++i) {
    auto fast = experiment(stream, 30, 1, 0, 1);
    auto slow = experiment(stream, 50, 1, 0, 1);
    for (auto& replicate : slow) replicate[0] *= 3;
    const auto ratio = ratio_of_medians(bootstrap_quantiles(slow, RandomStream(14, std::format("slow {}", i)), kDraws),
                                        bootstrap_quantiles(fast, RandomStream(14, std::format("fast {}", i)), kDraws));
    share += ratio->ci->contains(3) ? 1.0 / kExperiments : 0;
  }
  EXPECT_NEAR(share, 0.95, four_standard_errors(0.95));
}

}  // namespace
}  // namespace lumos
