#include "policy/routing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace lumos {
namespace {

constexpr std::array<double, 2> kNoDraws{0, 0};

TEST(Routing, MostRecentlyUsedKeepsOneWarm) {
  const std::vector<RoutingCandidate> c{{0, 10}, {0, 30}, {0, 20}};
  EXPECT_EQ(choose_instance(Routing::kMostRecentlyUsed, c, 1, kNoDraws), 1u);
}

TEST(Routing, LeastLoadedLooksAtRequestsFirstAndAtUseThen) {
  const std::vector<RoutingCandidate> c{{3, 90}, {1, 10}, {1, 50}, {2, 99}};
  EXPECT_EQ(choose_instance(Routing::kLeastLoaded, c, 0, kNoDraws), 2u);
}

TEST(Routing, NobodyGetsMoreThanTheContainerConcurrency) {
  const std::vector<RoutingCandidate> c{{2, 90}, {1, 10}, {2, 50}};
  for (const Routing r : {Routing::kMostRecentlyUsed, Routing::kLeastLoaded, Routing::kTwoRandomChoices}) {
    EXPECT_EQ(choose_instance(r, c, 2, kNoDraws), 1u);
    EXPECT_EQ(choose_instance(r, c, 1, kNoDraws), std::nullopt);
    EXPECT_EQ(choose_instance(r, {}, 0, kNoDraws), std::nullopt);
  }
}

TEST(Routing, EqualOnesAreTakenInOrder) {
  const std::vector<RoutingCandidate> c{{0, 5}, {0, 5}};
  EXPECT_EQ(choose_instance(Routing::kMostRecentlyUsed, c, 0, kNoDraws), 0u);
  EXPECT_EQ(choose_instance(Routing::kLeastLoaded, c, 0, kNoDraws), 0u);
}

TEST(Routing, TwoRandomChoicesDrawsTwoDifferentOnesUniformly) {
  std::vector<RoutingCandidate> c;
  for (int i = 0; i < 5; ++i) c.push_back({.in_flight = i});
  RandomStream random(1, "routing");
  std::vector<int> chosen(5);
  constexpr int kDraws = 50'000;
  for (int i = 0; i < kDraws; ++i)
    ++chosen[*choose_instance(Routing::kTwoRandomChoices, c, 0, {random.uniform(), random.uniform()})];
  // The less loaded of two: the i-th of five is it in 4 − i of the 10 pairs.
  for (int i = 0; i < 5; ++i) {
    const double share = (4 - i) / 10.0;
    EXPECT_NEAR(chosen[static_cast<std::size_t>(i)], kDraws * share,
                4 * std::sqrt(kDraws * share * (1 - share)) + 1e-9);
  }
}

}  // namespace
}  // namespace lumos
