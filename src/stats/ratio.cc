#include "stats/ratio.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lumos {

std::optional<Estimate> ratio_of_medians(const QuantileEstimates& numerator, const QuantileEstimates& denominator) {
  if (!numerator.p50 || !denominator.p50) return std::nullopt;
  const double above = numerator.p50->value;
  const double below = denominator.p50->value;
  if (!std::isfinite(above) || !std::isfinite(below) || below <= 0) return std::nullopt;

  Estimate result{.value = above / below};
  const std::size_t draws = std::min(numerator.p50_draws.size(), denominator.p50_draws.size());
  std::vector<double> ratios(draws);
  for (std::size_t i = 0; i < draws; ++i) ratios[i] = numerator.p50_draws[i] / denominator.p50_draws[i];
  if (std::ranges::none_of(ratios, [](double ratio) { return std::isnan(ratio); })) {
    result.ci = percentile_interval(std::move(ratios));
  }
  return result;
}

}  // namespace lumos
