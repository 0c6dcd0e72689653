// The second level of the hierarchical bootstrap (stats/bootstrap.cc) without drawing every sample: the k-th smallest
// of n values drawn from a distribution F is F⁻¹(U), where U is the k-th smallest of n uniform values, which follows
// Beta(k, n − k + 1) (David and Nagaraja, "Order Statistics", 2003, section 2.1). A Beta is made of two gamma variates
// (Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000). The chosen replicates are
// drawn from together, not one by one, which errs to the wide side where they differ.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "stats/bootstrap.h"
#include "stats/quantile.h"

namespace lumos {
namespace {

constexpr std::array<double, 3> kShares{0.50, 0.95, 0.99};

double normal(RandomStream& stream) {
  const double radius = std::sqrt(-2 * std::log1p(-stream.uniform()));
  return radius * std::cos(2 * std::numbers::pi * stream.uniform());
}

// shape >= 1.
double gamma(double shape, RandomStream& stream) {
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal(stream), v = std::pow(1 + c * x, 3);
    if (v <= 0) continue;
    if (std::log1p(-stream.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

double beta(double a, double b, RandomStream& stream) {
  const double x = gamma(a, stream), y = gamma(b, stream);
  return x / (x + y);
}

/// All values of all replicates, and of each replicate how often it holds which.
struct Pool {
  struct Part {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> counts;  // index into values
    std::uint64_t samples = 0;
  };
  std::vector<double> values;
  std::vector<Part> parts;
  std::uint64_t samples = 0;

  explicit Pool(std::span<const Frequencies> replicates) {
    for (const auto& replicate : replicates) {
      for (const auto& [value, count] : replicate) values.push_back(value);
    }
    std::ranges::sort(values);
    values.erase(std::ranges::unique(values).begin(), values.end());
    for (const auto& replicate : replicates) {
      Part part;
      for (const auto& [value, count] : replicate) {
        const auto at = std::ranges::lower_bound(values, value) - values.begin();
        part.counts.emplace_back(static_cast<std::uint32_t>(at), count);
        part.samples += count;
      }
      samples += part.samples;
      if (part.samples > 0) parts.push_back(std::move(part));
    }
  }

  std::vector<std::uint64_t> counts() const {
    std::vector<std::uint64_t> sum(values.size());
    for (const auto& part : parts) add(part, sum);
    return sum;
  }

  static void add(const Part& part, std::vector<std::uint64_t>& sum) {
    for (const auto& [index, count] : part.counts) sum[index] += count;
  }

  /// Tells, of each draw, the quantiles by their place in `shares`.
  void draw(std::span<const double> shares, RandomStream& stream, int draws, const auto& tell) const {
    std::vector<std::uint64_t> sum(values.size());
    for (int draw = 0; draw < draws; ++draw) {
      std::ranges::fill(sum, 0U);
      std::uint64_t drawn = 0;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const Part& part = parts[stream.below(parts.size())];
        add(part, sum);
        drawn += part.samples;
      }
      const auto n = static_cast<double>(drawn);
      for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto k = static_cast<double>(quantile_index(drawn, shares[i]) + 1);
        const double u = beta(k, n - k + 1, stream);
        tell(i, value_at(sum, static_cast<std::uint64_t>(std::clamp(u * n, 0.0, n - 1))));
      }
    }
  }

  /// The smallest value that at least `rank` + 1 of the counted do not exceed.
  double value_at(const std::vector<std::uint64_t>& sum, std::uint64_t rank) const {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      below += sum[i];
      if (below > rank) return values[i];
    }
    return values.back();
  }
};

}  // namespace

std::optional<double> quantile_of_frequencies(std::span<const Frequencies> replicates, double p) {
  const Pool pool(replicates);
  if (pool.samples == 0) return std::nullopt;
  return pool.value_at(pool.counts(), quantile_index(pool.samples, p));
}

std::optional<Estimate> bootstrap_quantile_of_frequencies(std::span<const Frequencies> replicates, double p,
                                                          RandomStream stream, int draws) {
  const Pool pool(replicates);
  if (pool.samples == 0) return std::nullopt;
  Estimate estimate{.value = pool.value_at(pool.counts(), quantile_index(pool.samples, p))};
  if (pool.parts.size() < kFewestReplicates) return estimate;
  std::vector<double> drawn;
  pool.draw(std::span(&p, 1), stream, draws, [&](std::size_t, double value) { drawn.push_back(value); });
  estimate.ci = percentile_interval(std::move(drawn));
  return estimate;
}

QuantileEstimates bootstrap_frequencies(std::span<const Frequencies> replicates, RandomStream stream, int draws) {
  const Pool pool(replicates);
  QuantileEstimates result{.samples = pool.samples, .replicates = pool.parts.size()};
  if (pool.samples == 0) return result;
  const std::array<std::optional<Estimate>*, 3> estimates{&result.p50, &result.p95, &result.p99};
  const auto all = pool.counts();
  for (std::size_t i = 0; i < kShares.size(); ++i)
    *estimates[i] = Estimate{.value = pool.value_at(all, quantile_index(pool.samples, kShares[i]))};
  if (result.replicates < kFewestReplicates) return result;

  std::array<std::vector<double>, 3> drawn;
  pool.draw(kShares, stream, draws, [&](std::size_t i, double value) { drawn[i].push_back(value); });
  constexpr std::array<std::size_t, 3> kFewest{kFewestForP50, kFewestForP95, kFewestForP99};
  for (std::size_t i = 0; i < kShares.size(); ++i) {
    if (result.samples >= kFewest[i]) (*estimates[i])->ci = percentile_interval(drawn[i]);
  }
  result.p50_draws = std::move(drawn[0]);
  return result;
}

}  // namespace lumos
