#include "stats/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace lumos {

// Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996), list nine
// definitions. Types 4 to 9 interpolate between two order statistics, and between a finite and an infinite one that is
// inf or, as inf − inf, NaN. Type 1 does not interpolate. Its price is a median that is the lower of the two middle
// values when n is even.
std::size_t quantile_index(std::size_t n, double p) {
  LUMOS_CHECK(n > 0 && p > 0 && p <= 1);
  // n·p may come out an ulp above the whole number it stands for: 100 · 0.55 = 55.000000000000007.
  const double product = static_cast<double>(n) * p * (1 - 4 * std::numeric_limits<double>::epsilon());
  const auto rank = static_cast<std::size_t>(std::ceil(product));
  return std::clamp<std::size_t>(rank, 1, n) - 1;
}

std::optional<double> quantile_of_sorted(std::span<const double> ascending, double p) {
  if (ascending.empty()) return std::nullopt;
  return ascending[quantile_index(ascending.size(), p)];
}

std::optional<double> quantile(std::vector<double> values, double p) {
  if (values.empty()) return std::nullopt;
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(quantile_index(values.size(), p));
  std::ranges::nth_element(values, nth);
  return *nth;
}

}  // namespace lumos
