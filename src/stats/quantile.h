// Quantiles of samples that may hold +inf: an invocation that failed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace lumos {

/// The index, from 0, of the order statistic ⌈n·p⌉ among `n` values. n > 0, 0 < p <= 1.
std::size_t quantile_index(std::size_t n, double p);

/// The p-quantile of ascending values: the smallest x that at least the share p of them does not exceed (the inverse of
/// the empirical distribution function; type 1 of Hyndman and Fan). Always one of the values, so +inf is as good as any
/// other. nullopt of nothing. 0 < p <= 1; no NaN.
std::optional<double> quantile_of_sorted(std::span<const double> ascending, double p);

/// The same, of values in any order.
std::optional<double> quantile(std::vector<double> values, double p);

}  // namespace lumos
