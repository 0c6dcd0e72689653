// Quantiles of any number of values in constant memory.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace lumos {

/// Counts whole numbers from 0 up (ns, as a rule) in log-linear buckets: exact below 256, above it 128 buckets per
/// power of two, so that what it says of a value is off by at most kRelativeError. 57 kB, whatever it counts. One
/// thread.
class Histogram {
 public:
  static constexpr double kRelativeError = 1.0 / 256;

  /// Below 0 counts as 0.
  void add(std::int64_t value) {
    if (value < 0) value = 0;
    ++buckets_[index_of(value)];
    ++count_;
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }
  /// A value above every other, such as the latency of a request that failed.
  void add_infinite(std::uint64_t times = 1) {
    infinite_ += times;
    count_ += times;
  }
  void merge(const Histogram& other);

  /// Of all values, infinite ones too.
  std::uint64_t count() const { return count_; }
  /// Exact; +inf when an infinite value was added. nullopt of nothing.
  std::optional<double> max() const;
  /// As in stats/quantile.h: the order statistic ⌈n·p⌉, to kRelativeError. nullopt of nothing. 0 < p <= 1.
  std::optional<double> quantile(double p) const;
  /// Finite values by bucket: (its middle, rounded down; how many), those with any, ascending. A value in the middle of
  /// a bucket falls into it again.
  std::vector<std::pair<std::int64_t, std::uint64_t>> by_bucket() const;
  /// Finite values by powers of two: (upper bound, excluded; how many), those with any, ascending.
  std::vector<std::pair<std::int64_t, std::uint64_t>> by_power_of_two() const;

 private:
  static constexpr int kSubBits = 7;
  static constexpr std::size_t kBuckets = 57U << kSubBits;  // index_of(2⁶³ − 1) + 1

  // The eight leading bits of a value, and how far they were shifted: consecutive numbers for consecutive buckets.
  static std::size_t index_of(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    const int width = std::bit_width(bits);
    const int shift = width > kSubBits + 1 ? width - (kSubBits + 1) : 0;
    return (static_cast<std::size_t>(shift) << kSubBits) + (bits >> shift);
  }
  static double middle_of(std::size_t index);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0, infinite_ = 0;
  std::int64_t min_ = INT64_MAX, max_ = 0;
};

}  // namespace lumos
