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

TEST(Activation, AnInstanceIsMadeForAsManyRequestsAsItTakes) {
  EXPECT_EQ(activate({.starting = 1, .waiting = 4, .room = 5, .container_concurrency = 4}), Activation::kWait);
  EXPECT_EQ(activate({.starting = 1, .waiting = 5, .room = 5, .container_concurrency = 4}), Activation::kCreate);
  EXPECT_EQ(covered_by_starting({.starting = 1, .waiting = 5, .container_concurrency = 4}), 4);
  EXPECT_EQ(activate({.waiting = 1, .room = 5, .container_concurrency = 0}), Activation::kCreate);
  EXPECT_EQ(activate({.starting = 1, .waiting = 99, .room = 5, .container_concurrency = 0}), Activation::kWait);
}

TEST(ClassifyStart, FollowsTheInstanceEvents) {
  EXPECT_EQ(classify_start({.request = 7, .made_for = 7, .waited = true}), Start::kCold);
  EXPECT_EQ(classify_start({.request = 8, .made_for = 7, .waited = true}), Start::kBehind);
  EXPECT_EQ(classify_start({.request = 8, .waited = true}), Start::kBehind);  // an autoscaler made it meanwhile
  EXPECT_EQ(classify_start({.request = 8}), Start::kFirst);
  EXPECT_EQ(classify_start({.request = 7, .made_for = 7, .answers = 1, .waited = true}), Start::kWarm);
}

TEST(ClassifyStart, BesideTheOneThatWaitedForItAnInstanceThatHasNotAnsweredIsMetFirst) {
  EXPECT_EQ(classify_start({.request = 8, .made_for = 7}), Start::kFirst);
}

}  // namespace
}  // namespace lumos
