#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

namespace lumos {
namespace {

TEST(RandomStream, SameSeedAndNameRepeat) {
  RandomStream a(42, "plan"), b(42, "plan"), other_name(42, "payload"), other_seed(43, "plan");
  const auto value = a.below(1ULL << 60);
  EXPECT_EQ(value, b.below(1ULL << 60));
  EXPECT_NE(value, other_name.below(1ULL << 60));
  EXPECT_NE(value, other_seed.below(1ULL << 60));
}

TEST(RandomStream, BelowIsUniform) {
  RandomStream stream(1, "uniform");
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts[stream.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 5 * 93);  // 5 standard errors: sqrt(70000 · 1/7 · 6/7) = 93
}

TEST(RandomStream, ShuffleKeepsEveryItem) {
  RandomStream stream(1, "shuffle");
  std::vector<int> items(100);
  std::iota(items.begin(), items.end(), 0);
  const auto sorted = items;
  stream.shuffle(std::span(items));
  EXPECT_NE(items, sorted);
  std::ranges::sort(items);
  EXPECT_EQ(items, sorted);
}

}  // namespace
}  // namespace lumos
