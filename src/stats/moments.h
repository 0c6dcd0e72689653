// Mean and variance of a stream of values.
#pragma once

#include <cstddef>
#include <optional>

namespace lumos {

/// Collects values one by one. An infinite value makes the mean infinite and the variance unknown.
class Moments {
 public:
  void add(double value);

  std::size_t count() const { return count_; }
  /// nullopt of nothing.
  std::optional<double> mean() const;
  /// Of the population (divided by n − 1); nullopt of fewer than two values.
  std::optional<double> variance() const;

 private:
  std::size_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of squared deviations from the mean
};

}  // namespace lumos
