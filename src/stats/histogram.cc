// Log-linear buckets, after G. Tene's HdrHistogram: as a bucket is 1/128 of the power of two that it begins in at
// widest, its middle is within 1/256 of whatever fell into it.
#include "stats/histogram.h"

#include <algorithm>
#include <limits>

#include "stats/quantile.h"

namespace lumos {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

// The inverse of index_of. From shift 1 on the leading eight bits are 128 … 255, so that the index alone tells the
// shift.
double Histogram::middle_of(std::size_t index) {
  if (index < (2U << kSubBits)) return static_cast<double>(index);
  const std::size_t shift = (index >> kSubBits) - 1;
  const std::uint64_t leading = index - (shift << kSubBits);
  const auto low = static_cast<double>(leading << shift), width = static_cast<double>(std::uint64_t{1} << shift);
  return low + (width - 1) / 2;
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  infinite_ += other.infinite_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::optional<double> Histogram::max() const {
  if (count_ == 0) return std::nullopt;
  return infinite_ > 0 ? kInfinity : static_cast<double>(max_);
}

std::optional<double> Histogram::quantile(double p) const {
  if (count_ == 0) return std::nullopt;
  const std::uint64_t rank = quantile_index(count_, p);
  if (rank >= count_ - infinite_) return kInfinity;
  std::uint64_t below = 0;
  std::size_t i = 0;
  while ((below += buckets_[i]) <= rank) ++i;
  return std::clamp(middle_of(i), static_cast<double>(min_), static_cast<double>(max_));
}

std::vector<std::pair<std::int64_t, std::uint64_t>> Histogram::by_bucket() const {
  std::vector<std::pair<std::int64_t, std::uint64_t>> result;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (buckets_[i] > 0) result.emplace_back(static_cast<std::int64_t>(middle_of(i)), buckets_[i]);
  }
  return result;
}

std::vector<std::pair<std::int64_t, std::uint64_t>> Histogram::by_power_of_two() const {
  std::array<std::uint64_t, 64> counts{};
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const auto low = static_cast<std::uint64_t>(middle_of(i));
    counts[static_cast<std::size_t>(std::bit_width(low))] += buckets_[i];
  }
  std::vector<std::pair<std::int64_t, std::uint64_t>> result;
  for (std::size_t width = 0; width < counts.size(); ++width) {
    const std::int64_t bound = width < 63 ? std::int64_t{1} << width : INT64_MAX;
    if (counts[width] > 0) result.emplace_back(bound, counts[width]);
  }
  return result;
}

}  // namespace lumos
