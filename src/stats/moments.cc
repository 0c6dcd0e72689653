#include "stats/moments.h"

#include <cmath>

namespace lumos {

// Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962): E[x²] −
// E[x]² cancels when the mean is large beside the deviation, as with stamps.
void Moments::add(double value) {
  ++count_;
  if (!std::isfinite(value) || !std::isfinite(mean_)) {
    mean_ = std::isfinite(value) ? mean_ : value;  // the update below would make inf − inf of it
    return;
  }
  const double deviation = value - mean_;
  mean_ += deviation / static_cast<double>(count_);
  squares_ += deviation * (value - mean_);
}

std::optional<double> Moments::mean() const {
  if (count_ == 0) return std::nullopt;
  return mean_;
}

std::optional<double> Moments::variance() const {
  if (count_ < 2 || !std::isfinite(mean_)) return std::nullopt;
  return squares_ / static_cast<double>(count_ - 1);
}

}  // namespace lumos
