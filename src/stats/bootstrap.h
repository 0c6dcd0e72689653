// Intervals of quantiles from data with replicates: the hierarchical bootstrap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/random.h"

namespace lumos {

/// Both ends; +inf where failed invocations reach that far.
struct Interval {
  double lo = 0;
  double hi = 0;

  bool contains(double value) const { return lo <= value && value <= hi; }
  bool operator==(const Interval&) const = default;
};

/// A number and its 95 % interval; nullopt = the data cannot support one.
struct Estimate {
  double value = 0;
  std::optional<Interval> ci;

  bool operator==(const Estimate&) const = default;
};

/// The samples of each replicate, which is what is independent. May hold +inf, no NaN.
using Replicates = std::vector<std::vector<double>>;

/// The fewest replicates, and samples per quantile, that an interval is given for. Below 6 the range of all samples
/// covers the median with less than 95 % (1 − 2·2⁻ⁿ); below 59 and 299 the largest lies above p95 and p99 with less
/// than 95 % (1 − pⁿ).
inline constexpr std::size_t kFewestReplicates = 6;
inline constexpr std::size_t kFewestForP50 = 6;
inline constexpr std::size_t kFewestForP95 = 59;
inline constexpr std::size_t kFewestForP99 = 299;

inline constexpr int kBootstrapDraws = 2000;

/// Quantiles (stats/quantile.h) of all samples together.
struct QuantileEstimates {
  std::size_t samples = 0;
  std::size_t replicates = 0;             // with at least one sample
  std::optional<Estimate> p50, p95, p99;  // nullopt without samples
  std::vector<double> p50_draws;          // one median per draw, for ratios; empty without p50->ci
};

/// Percentile intervals from `draws` resamplings: replicates with replacement, then samples within each with
/// replacement. Replicates may differ in size; empty ones do not count. O(samples) per draw. Takes its randomness from
/// `stream` alone.
QuantileEstimates bootstrap_quantiles(const Replicates& replicates, RandomStream stream, int draws = kBootstrapDraws);

/// How often each value came up: values ascending and unique, +inf may be the last, counts above 0.
using Frequencies = std::vector<std::pair<double, std::uint64_t>>;

/// The same from counts, where the samples are too many to be kept: replicates with replacement, then from what the
/// chosen ones hold together as many samples as there are in them. O(distinct values) per draw.
QuantileEstimates bootstrap_frequencies(std::span<const Frequencies> replicates, RandomStream stream,
                                        int draws = kBootstrapDraws);

/// The p-quantile of all of them together, with its interval from 6 replicates on, however few their samples; nullopt
/// of nothing.
std::optional<Estimate> bootstrap_quantile_of_frequencies(std::span<const Frequencies> replicates, double p,
                                                          RandomStream stream, int draws = kBootstrapDraws);

/// The p-quantile of all of them together; nullopt of nothing.
std::optional<double> quantile_of_frequencies(std::span<const Frequencies> replicates, double p);

/// The central 95 % of `draws`. nullopt when there are none.
std::optional<Interval> percentile_interval(std::vector<double> draws);

}  // namespace lumos
