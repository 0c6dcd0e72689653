// The distribution of Student's t has a finite series for whole degrees of freedom (Abramowitz and Stegun, Handbook of
// Mathematical Functions, 1964, 26.7.3 and 26.7.4); its inverse is found by halving.
#include "stats/student.h"

#include <cmath>
#include <numbers>

namespace lumos {

double student_within(double t, int degrees) {
  const double angle = std::atan(t / std::sqrt(degrees));
  const double sine = std::sin(angle), cosine = std::cos(angle);
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1, sum = degrees == 1 ? 0 : term;
  for (int k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= cosine * cosine * (k - 1) / k;
    sum += term;
  }
  return odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

double student_quantile(double above, int degrees) {
  double low = 0, high = 1;
  while (student_within(high, degrees) < 1 - 2 * above && high < 1e12) high *= 2;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (student_within(middle, degrees) < 1 - 2 * above ? low : high) = middle;
  }
  return (low + high) / 2;
}

std::optional<Estimate> mean_with_interval(const Moments& values) {
  const auto mean = values.mean();
  if (!mean) return std::nullopt;
  Estimate estimate{.value = *mean};
  if (const auto variance = values.variance()) {
    const auto n = static_cast<double>(values.count());
    const double half = student_quantile(0.025, static_cast<int>(values.count()) - 1) * std::sqrt(*variance / n);
    estimate.ci = Interval{*mean - half, *mean + half};
  }
  return estimate;
}

}  // namespace lumos
