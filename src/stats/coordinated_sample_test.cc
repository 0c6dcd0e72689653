#include "stats/coordinated_sample.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lumos {
namespace {

std::vector<std::int64_t> numbers_of(CoordinatedSample<int> sample) {
  std::vector<std::int64_t> numbers;
  for (const auto& [number, item] : sample.take()) numbers.push_back(number);
  return numbers;
}

TEST(CoordinatedSample, KeepsEverythingUpToItsCapacityInOrder) {
  CoordinatedSample<int> sample(3, 1);
  for (const std::int64_t number : {9, 2, 5}) sample.add(number, static_cast<int>(number) * 10);
  const auto kept = sample.take();
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_EQ(kept[0], (std::pair<std::int64_t, int>(2, 20)));
  EXPECT_EQ(kept[2], (std::pair<std::int64_t, int>(9, 90)));
}

TEST(CoordinatedSample, TwoObserversKeepTheSameNumbersWhateverTheirOrder) {
  CoordinatedSample<int> forth(100, 7), back(100, 7);
  for (int i = 0; i < 5000; ++i) forth.add(i, 0), back.add(4999 - i, 0);
  EXPECT_EQ(numbers_of(std::move(forth)), numbers_of(std::move(back)));
}

// One sees every request, the other only those that reached it: of the first one's choice it has all that it saw.
TEST(CoordinatedSample, WhatOneDidNotSeeTakesNoPlaceFromWhatItDid) {
  CoordinatedSample<int> all(100, 7), some(100, 7);
  for (int i = 0; i < 5000; ++i) {
    all.add(i, 0);
    if (i % 3 != 0) some.add(i, 0);
  }
  const auto seen = numbers_of(std::move(some));
  for (const std::int64_t number : numbers_of(std::move(all))) {
    const bool was_seen = number % 3 != 0;
    EXPECT_EQ(was_seen, std::ranges::binary_search(seen, number)) << number;
  }
}

// Each of 1000 numbers is in a tenth of the samples: within 5 standard errors of a binomial of 2000.
TEST(CoordinatedSample, EveryNumberIsEquallyLikely) {
  constexpr int kSamples = 2000;
  std::vector<int> chosen(1000);
  for (int seed = 0; seed < kSamples; ++seed) {
    CoordinatedSample<int> sample(100, static_cast<std::uint64_t>(seed) * 7919);
    for (int i = 0; i < 1000; ++i) sample.add(i, 0);
    for (const std::int64_t number : numbers_of(std::move(sample))) ++chosen[static_cast<std::size_t>(number)];
  }
  const double error = std::sqrt(kSamples * 0.1 * 0.9);
  for (const int times : chosen) EXPECT_NEAR(times, kSamples * 0.1, 5 * error);
}

TEST(CoordinatedSample, WhatIsNotWantedIsNotKept) {
  CoordinatedSample<int> sample(10, 3);
  for (int i = 0; i < 100; ++i) sample.add(i, 0);
  for (int i = 100; i < 200; ++i) {
    const bool wanted = sample.wants(i);
    CoordinatedSample<int> before = sample;
    sample.add(i, 0);
    EXPECT_EQ(wanted, numbers_of(before) != numbers_of(sample)) << i;
  }
  EXPECT_EQ(sample.size(), 10u);
}

}  // namespace
}  // namespace lumos
