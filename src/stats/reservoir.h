// A uniform sample of a stream of unknown length.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"

namespace lumos {

/// Keeps everything up to `capacity` items; of a longer stream a sample in which every item is equally likely. After
/// the first `capacity` it draws only for the items that it takes: Li, "Reservoir-sampling algorithms of time
/// complexity O(n(1 + log(N/n)))", ACM TOMS 20 (1994), algorithm L. One thread.
template <typename T>
class Reservoir {
 public:
  /// `expected` items are made room for at once, so that adding them never has to move what is there. capacity > 0.
  Reservoir(std::size_t capacity, RandomStream stream, std::size_t expected = 0)
      : capacity_(capacity), stream_(stream) {
    LUMOS_CHECK(capacity > 0);
    items_.reserve(expected < capacity ? expected : capacity);
  }

  void add(const T& item) {
    if (seen_++ < capacity_) {
      items_.push_back(item);
      if (seen_ == capacity_) draw_next();
    } else if (seen_ == next_) {
      items_[stream_.below(capacity_)] = item;
      draw_next();
    }
  }

  /// In the order added while `complete()`; else in none.
  const std::vector<T>& items() const { return items_; }
  std::uint64_t seen() const { return seen_; }
  /// Nothing was left out.
  bool complete() const { return seen_ <= capacity_; }

 private:
  // How many items until one is taken is geometric; `largest_` is the largest of the `capacity_` uniform keys that the
  // kept items would have.
  void draw_next() {
    const auto key = [this] { return 1 - stream_.uniform(); };
    largest_ *= std::exp(std::log(key()) / static_cast<double>(capacity_));
    const double skipped = std::floor(std::log(key()) / std::log1p(-largest_));
    next_ = skipped < 1e18 ? seen_ + static_cast<std::uint64_t>(skipped) + 1 : UINT64_MAX;
  }

  std::size_t capacity_;
  RandomStream stream_;
  std::vector<T> items_;
  std::uint64_t seen_ = 0, next_ = 0;
  double largest_ = 1;
};

}  // namespace lumos
