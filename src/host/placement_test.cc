#include "host/placement.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

TEST(Placement, WatchersAndWatchedDoNotShareACoreWhenThereAreTwo) {
  const auto two = plan_placement({0, 1});
  EXPECT_EQ(two.observers, std::vector{0});
  EXPECT_EQ(two.instances, std::vector{1});
  EXPECT_FALSE(two.shared);
  EXPECT_EQ(plan_placement({2, 3, 4, 5}).instances, (std::vector{3, 4, 5}));
}

TEST(Placement, OneCoreIsSharedAndSaysSo) { EXPECT_TRUE(plan_placement({0}).shared); }

TEST(Placement, CoresAreWrittenAsRanges) {
  EXPECT_EQ(format_cores({0}), "0");
  EXPECT_EQ(format_cores({0, 1, 2, 5, 7, 8}), "0-2,5,7-8");
}

}  // namespace
}  // namespace lumos
