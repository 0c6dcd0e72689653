#include "stats/reservoir.h"

#include <gtest/gtest.h>

#include <numeric>

namespace lumos {
namespace {

TEST(Reservoir, KeepsEverythingInOrderUpToItsCapacity) {
  Reservoir<int> reservoir(5, RandomStream(1, "reservoir"));
  for (int i = 0; i < 5; ++i) reservoir.add(i);
  EXPECT_TRUE(reservoir.complete());
  EXPECT_EQ(reservoir.items(), (std::vector{0, 1, 2, 3, 4}));
  reservoir.add(5);
  EXPECT_FALSE(reservoir.complete());
  EXPECT_EQ(reservoir.items().size(), 5u);
  EXPECT_EQ(reservoir.seen(), 6u);
}

TEST(Reservoir, SameSeedSameSample) {
  Reservoir<int> a(10, RandomStream(1, "a")), b(10, RandomStream(1, "a")), other(10, RandomStream(2, "a"));
  for (int i = 0; i < 1000; ++i) {
    a.add(i);
    b.add(i);
    other.add(i);
  }
  EXPECT_EQ(a.items(), b.items());
  EXPECT_NE(a.items(), other.items());
}

// Each of n items is kept with probability k/n, whatever its place.
TEST(Reservoir, EveryItemIsEquallyLikely) {
  constexpr int kRounds = 20'000, kItems = 50, kKept = 10;
  std::vector<int> kept(kItems);
  for (int round = 0; round < kRounds; ++round) {
    Reservoir<int> reservoir(kKept, RandomStream(static_cast<std::uint64_t>(round), "uniform"));
    for (int i = 0; i < kItems; ++i) reservoir.add(i);
    for (const int item : reservoir.items()) ++kept[static_cast<std::size_t>(item)];
  }
  EXPECT_EQ(std::accumulate(kept.begin(), kept.end(), 0), kRounds * kKept);
  constexpr double kShare = static_cast<double>(kKept) / kItems;
  const double error = std::sqrt(kRounds * kShare * (1 - kShare));  // of a binomial
  for (int i = 0; i < kItems; ++i) EXPECT_NEAR(kept[static_cast<std::size_t>(i)], kRounds * kShare, 4 * error) << i;
}

TEST(Reservoir, MeanOfALongStreamIsRecovered) {
  constexpr int kItems = 1'000'000, kKept = 2000;
  Reservoir<int> reservoir(kKept, RandomStream(7, "long"), kItems);
  for (int i = 0; i < kItems; ++i) reservoir.add(i);
  const double mean = std::accumulate(reservoir.items().begin(), reservoir.items().end(), 0.0) / kKept;
  const double error = kItems / std::sqrt(12.0 * kKept);  // of the mean of a uniform
  EXPECT_NEAR(mean, kItems / 2.0, 4 * error);
}

}  // namespace
}  // namespace lumos
