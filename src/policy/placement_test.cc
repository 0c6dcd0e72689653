#include "policy/placement.h"

#include <gtest/gtest.h>

#include <numeric>

namespace lumos {
namespace {

using Cores = std::vector<int>;

Placement plan_of(int cores) {
  Cores numbers(static_cast<std::size_t>(cores));
  std::iota(numbers.begin(), numbers.end(), 0);
  return plan_placement(numbers);
}

const std::vector<Place Placement::*> kWatchers{&Placement::conductor, &Placement::generator, &Placement::gateway,
                                                &Placement::storage, &Placement::links};

TEST(Placement, OneCoreIsSharedAndSaysSo) {
  const Placement one = plan_of(1);
  EXPECT_TRUE(one.shared);
  EXPECT_EQ(one.instances.cores, Cores{0});
  for (const auto role : kWatchers) EXPECT_EQ(one.*role, Place{.cores = {0}});
}

TEST(Placement, OfTwoCoresTheInstancesHaveOne) {
  const Placement two = plan_of(2);
  EXPECT_FALSE(two.shared);
  EXPECT_EQ(two.instances.cores, Cores{1});
  for (const auto role : kWatchers) EXPECT_EQ(two.*role, Place{.cores = {0}}) << "no core of its own, no real time";
}

TEST(Placement, OfThreeCoresTheInstancesHaveTwo) { EXPECT_EQ(plan_of(3).instances.cores, (Cores{1, 2})); }

TEST(Placement, OfFourCoresTheGeneratorHasItsOwn) {
  const Placement four = plan_of(4);
  EXPECT_EQ(four.generator, (Place{.cores = {1}, .alone = true, .real_time = true}));
  EXPECT_EQ(four.instances.cores, (Cores{2, 3}));
  for (const auto role : {&Placement::conductor, &Placement::gateway, &Placement::storage, &Placement::links})
    EXPECT_EQ(four.*role, Place{.cores = {0}});
}

TEST(Placement, OfEightCoresThoseWithAClockToKeepAndTheGatewayHaveTheirOwn) {
  const Placement eight = plan_of(8);
  EXPECT_EQ(eight.generator, (Place{.cores = {1}, .alone = true, .real_time = true}));
  EXPECT_EQ(eight.gateway, (Place{.cores = {2}, .alone = true}));
  EXPECT_EQ(eight.links, (Place{.cores = {3}, .alone = true, .real_time = true}));
  EXPECT_EQ(eight.storage, Place{.cores = {0}});
  EXPECT_EQ(eight.instances.cores, (Cores{4, 5, 6, 7}));
}

TEST(Placement, OfManyCoresThoseWhoWatchHaveFive) {
  const Placement many = plan_of(64);
  EXPECT_EQ(many.storage, (Place{.cores = {4}, .alone = true}));
  EXPECT_EQ(many.instances.cores.size(), 59U);
  EXPECT_EQ(many.instances.cores.front(), 5);
  EXPECT_EQ(many.instances.cores.back(), 63);
}

TEST(Placement, NoWatcherIsOnACoreOfTheInstancesAndRealTimeIsOnlyWhereOneIsAlone) {
  for (int cores = 2; cores <= 64; ++cores) {
    const Placement plan = plan_of(cores);
    EXPECT_GE(plan.instances.cores.size() * 2, static_cast<std::size_t>(cores));
    for (const auto role : kWatchers) {
      ASSERT_EQ((plan.*role).cores.size(), 1U) << cores;
      EXPECT_FALSE(std::ranges::contains(plan.instances.cores, (plan.*role).cores[0])) << cores;
      const auto with =
          std::ranges::count_if(kWatchers, [&](auto other) { return (plan.*other).cores == (plan.*role).cores; });
      EXPECT_EQ((plan.*role).alone, with == 1 && (plan.*role).cores[0] != 0) << cores;
      EXPECT_TRUE((plan.*role).alone || !(plan.*role).real_time) << cores;
    }
  }
}

TEST(Placement, CoresNeedNotBeNeighboursNorBeginAtZero) {
  const Placement plan = plan_placement({2, 3, 5, 7});
  EXPECT_EQ(plan.conductor.cores, Cores{2});
  EXPECT_EQ(plan.generator.cores, Cores{3});
  EXPECT_EQ(plan.instances.cores, (Cores{5, 7}));
}

TEST(Placement, TheManifestNamesEveryRole) {
  EXPECT_EQ(
      plan_of(2).to_json().dump(),
      R"({"conductor":[0],"generator":[0],"gateway":[0],"storage":[0],"links":[0],"instances":[1],"launcher":[1],)"
      R"("alone":[],"real_time":[],"shared":false})");
  EXPECT_EQ(plan_of(8).to_json()["alone"].dump(), R"(["generator","gateway","links"])");
  EXPECT_EQ(plan_of(8).to_json()["real_time"].dump(), R"(["generator","links"])");
}

}  // namespace
}  // namespace lumos
