#include "policy/activation.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

TEST(Activation, UsesAnIdleInstanceBeforeMakingOne) {
  EXPECT_EQ(activate({.idle = 1, .waiting = 1, .room = 5}), Activation::kDispatch);
  EXPECT_EQ(activate({.waiting = 1, .room = 5}), Activation::kCreate);
}

TEST(Activation, MakesOneInstanceForEachWaitingRequestWhileThereIsRoom) {
  EXPECT_EQ(activate({.starting = 1, .waiting = 2, .room = 5}), Activation::kCreate);
  EXPECT_EQ(activate({.starting = 2, .waiting = 2, .room = 5}), Activation::kWait);
  EXPECT_EQ(activate({.starting = 1, .waiting = 2, .room = 0}), Activation::kWait);
  EXPECT_EQ(activate({.idle = 1}), Activation::kWait);
}

TEST(ClassifyStart, FollowsTheInstanceEvents) {
  EXPECT_EQ(classify_start(7, 7, 0), Start::kCold);
  EXPECT_EQ(classify_start(8, 7, 0), Start::kBehind);
  EXPECT_EQ(classify_start(8, std::nullopt, 0), Start::kFirst);
  EXPECT_EQ(classify_start(7, 7, 1), Start::kWarm);
}

}  // namespace
}  // namespace lumos
