#include "stats/ratio.h"

#include <gtest/gtest.h>

#include <limits>

namespace lumos {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

QuantileEstimates of(const std::vector<double>& values, std::string_view name) {
  Replicates replicates;
  for (const double value : values) replicates.push_back({value});
  return bootstrap_quantiles(replicates, RandomStream(5, name));
}

const std::vector<double> kFast{9, 9.5, 10, 10.5, 11, 10, 9.8};
const std::vector<double> kSlow{29, 30, 30.5, 31, 28, 30, 30.2};

TEST(Ratio, IsThatOfTheMediansWithinItsInterval) {
  const auto ratio = ratio_of_medians(of(kSlow, "slow"), of(kFast, "fast"));
  ASSERT_TRUE(ratio && ratio->ci);
  EXPECT_DOUBLE_EQ(ratio->value, 3);
  EXPECT_TRUE(ratio->ci->contains(3));
  EXPECT_FALSE(ratio->ci->contains(1));
}

TEST(Ratio, OfEqualsContainsOne) { EXPECT_TRUE(ratio_of_medians(of(kFast, "a"), of(kFast, "b"))->ci->contains(1)); }

TEST(Ratio, HasNoIntervalWhenOneSideHasNone) {
  const auto ratio = ratio_of_medians(of({30, 30, 30}, "slow"), of(kFast, "fast"));
  EXPECT_DOUBLE_EQ(ratio->value, 3);
  EXPECT_EQ(ratio->ci, std::nullopt);
}

TEST(Ratio, NeedsTwoFiniteMediansAndADenominatorAboveZero) {
  const auto nothing = of({}, "nothing");
  const auto failed = of(std::vector<double>(7, kInf), "failed");
  const auto zero = of(std::vector<double>(7, 0), "zero");
  const auto fast = of(kFast, "fast");
  for (const auto& bad : {nothing, failed}) {
    EXPECT_FALSE(ratio_of_medians(bad, fast).has_value());
    EXPECT_FALSE(ratio_of_medians(fast, bad).has_value());
  }
  EXPECT_FALSE(ratio_of_medians(fast, zero).has_value());
  EXPECT_EQ(ratio_of_medians(zero, fast)->ci, (Interval{0, 0}));
}

TEST(Ratio, FailuresOnOneSideMakeItsEndInfiniteAndOnBothLeaveNoInterval) {
  const auto often = of({1, 2, 3, 4, kInf, kInf, kInf}, "often");
  EXPECT_EQ(ratio_of_medians(often, of(kFast, "fast"))->ci->hi, kInf);
  EXPECT_EQ(ratio_of_medians(often, of({1, 2, 3, 4, kInf, kInf, kInf}, "too"))->ci, std::nullopt);
}

}  // namespace
}  // namespace lumos
