// A uniform sample that several observers of the same stream agree on without a word between them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/error.h"

namespace lumos {

/// Keeps the `capacity` items whose numbers have the smallest hashes: of a stream of any length a uniform sample
/// without replacement ("bottom-k"; Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007). As the
/// hash decides, two observers with the same seed and capacity keep the same numbers, as far as both saw them: what one
/// of them did not see takes no place from what it did. Numbers are unique. One thread.
template <typename T>
class CoordinatedSample {
 public:
  CoordinatedSample(std::size_t capacity, std::uint64_t seed) : capacity_(capacity), seed_(seed) {
    LUMOS_CHECK(capacity > 0);
    items_.reserve(capacity);
    heap_.reserve(capacity);
  }

  /// Whether `add` would keep it: what is not wanted need not be made.
  bool wants(std::int64_t number) const { return items_.size() < capacity_ || hash(number) < heap_.front().first; }

  void add(std::int64_t number, T item) {
    if (!wants(number)) return;
    std::size_t slot = items_.size();
    if (slot < capacity_) {
      items_.emplace_back(number, std::move(item));
    } else {
      std::ranges::pop_heap(heap_);
      slot = heap_.back().second;
      heap_.pop_back();
      items_[slot] = {number, std::move(item)};
    }
    heap_.emplace_back(hash(number), slot);
    std::ranges::push_heap(heap_);
  }

  std::size_t size() const { return items_.size(); }

  /// Ascending by number; it is empty then.
  std::vector<std::pair<std::int64_t, T>> take() {
    std::ranges::sort(items_, {}, &std::pair<std::int64_t, T>::first);
    heap_.clear();
    return std::exchange(items_, {});
  }

 private:
  // The finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
  std::uint64_t hash(std::int64_t number) const {
    std::uint64_t z = static_cast<std::uint64_t>(number) * 0x9e3779b97f4a7c15 + seed_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::size_t capacity_;
  std::uint64_t seed_;
  std::vector<std::pair<std::int64_t, T>> items_;
  std::vector<std::pair<std::uint64_t, std::size_t>> heap_;  // hash, place in items_; the largest hash on top
};

}  // namespace lumos
