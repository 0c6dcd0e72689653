// Each of the checks of the machine, with what breaks it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/checks.h"
#include "analysis/run_summary.h"
#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

using ::testing::AllOf;
using ::testing::Field;
using ::testing::HasSubstr;

auto is(CheckStatus status, const std::string& evidence) {
  return AllOf(Field("status", &Check::status, status), Field("detail", &Check::detail, HasSubstr(evidence)));
}

constexpr auto kPass = CheckStatus::kPass;
constexpr auto kFlag = CheckStatus::kFlag;
constexpr auto kFail = CheckStatus::kFail;

/// One cell: crun, cold, 20 instances, each in a window of 100 ms in which the machine was busy for 110 ms.
struct MachineChecks : ::testing::Test {
  MachineChecks() { made.add_cold(made.add_cell("noop", nullptr, "crun", Start::kCold), 20, 10'000); }

  /// The named check; one named "absent" when it was not made.
  Check check(const std::string& name) const {
    const auto summary = summarise(made.run);
    for (const auto& check : summary.cells[0].checks) {
      if (check.name == name) return check;
    }
    return {.name = "absent"};
  }

  SyntheticRun made;
};

TEST_F(MachineChecks, StealFlagsAboveOnePercentAndFailsAboveFive) {
  EXPECT_THAT(check("steal"), is(kPass, "took 0.0 % of the CPU time"));
  made.run.visits[3].machine.steal_ns = 20'000'000;  // of 2220 ms asked for
  EXPECT_THAT(check("steal"), is(kPass, "took 0.9 %"));
  made.run.visits[4].machine.steal_ns = 10'000'000;
  EXPECT_THAT(check("steal"), is(kFlag, "took 1.3 %"));
  for (auto& visit : made.run.visits) visit.machine.steal_ns = 6'000'000;
  EXPECT_THAT(check("steal"), is(kFail, "took 5.2 %"));
}

TEST_F(MachineChecks, StealOfOneTickSaysNothing) {
  made.run.visits.resize(1);
  made.run.visits[0].machine.steal_ns = 10'000'000;
  EXPECT_THAT(check("steal"), is(kPass, "took 8.3 %"));
  made.run.visits[0].machine.steal_ns = 20'000'000;
  EXPECT_EQ(check("steal").status, kFail);
}

TEST_F(MachineChecks, StealFlagsOtherLoad) {
  EXPECT_THAT(check("steal"), is(kPass, "other than Lumos used 9.0 % of a core"));
  for (auto& visit : made.run.visits) *visit.machine.machine_busy_ns += 15'000'000;
  EXPECT_THAT(check("steal"), is(kFlag, "used 24 % of a core"));
}

TEST_F(MachineChecks, StealFlagsWhatWasNotRead) {
  for (auto& visit : made.run.visits) visit.machine.own_cpu_ns.reset();
  EXPECT_THAT(check("steal"), is(kPass, "asked for."));
  for (auto& visit : made.run.visits) visit.machine = {};
  EXPECT_THAT(check("steal"), is(kFlag, "not read"));
}

TEST_F(MachineChecks, ThrottledFailsOnOneThrottledInstance) {
  EXPECT_THAT(check("throttled"), is(kPass, "None of 20"));
  made.run.instances[3].counters.throttled_ns = 51'000'000;
  EXPECT_THAT(check("throttled"), is(kFail, "1 of 20 instances were throttled, 51.0 ms in all"));
}

/// Every instance on half a core, as the kernel says.
void put_on_half_a_core(SyntheticRun& made) {
  Device& device = made.run.plan.deployments[0].device;
  device = {.name = "slice-1c-0.5", .cores = 1, .memory_bytes = 64 << 20};
  device.quota = std::chrono::milliseconds(50);
  device.period = std::chrono::milliseconds(100);
  for (auto& instance : made.run.instances) {
    instance.counters.cpu_quota_ns = 50'000'000;
    instance.counters.cpu_period_ns = 100'000'000;
    instance.counters.memory_limit_bytes = 64 << 20;
    instance.counters.cpu_periods = 3;
  }
}

TEST_F(MachineChecks, ThrottledIsExpectedOfADeviceWithAQuota) {
  put_on_half_a_core(made);
  EXPECT_THAT(check("throttled"), is(kPass, "None of 20"));
  made.run.instances[3].counters.throttled_ns = 51'000'000;
  made.run.instances[3].counters.throttled_periods = 2;
  EXPECT_THAT(check("throttled"), is(kPass, "1 of 20 instances were throttled, 51.0 ms in all, in 2 of 60 periods"));
  made.run.visits[4].machine.throttled_ns = 7'000'000;
  EXPECT_THAT(check("throttled"), is(kFail, "around Lumos was throttled"));
  made.run.visits[4].machine.throttled_ns = 0;
  made.run.plan.deployments[0].device.quota.reset();
  made.run.plan.deployments[0].device.period.reset();
  EXPECT_THAT(check("throttled"), is(kFail, "no factor limits their CPU"));
}

TEST_F(MachineChecks, DeviceImposedFailsOnAnInstanceWithOtherLimits) {
  EXPECT_EQ(check("device_imposed").name, "absent");
  put_on_half_a_core(made);
  EXPECT_THAT(check("device_imposed"), is(kPass, "All 20 instances had the limits of device slice-1c-0.5, emulated"));
  made.run.instances[3].counters.cpu_quota_ns = 10'000'000;
  EXPECT_THAT(check("device_imposed"),
              is(kFail,
                 "1 of 20 instances were not limited as device slice-1c-0.5 is, first instance-4 had a CPU quota "
                 "of 10.0 ms in 100 ms, where it has 50.0 ms in 100 ms"));
  made.run.instances[3].counters.cpu_quota_ns.reset();
  made.run.instances[3].counters.cpu_period_ns.reset();
  EXPECT_THAT(check("device_imposed"), is(kFail, "a CPU quota of none in none"));
  put_on_half_a_core(made);
  made.run.instances[3].counters.memory_limit_bytes = 1 << 30;
  EXPECT_THAT(check("device_imposed"), is(kFail, "1073741824 bytes of memory"));
  put_on_half_a_core(made);
  made.run.instances[3].cores_allowed = "1-2";
  EXPECT_THAT(check("device_imposed"), is(kFail, "the cores 1-2"));
  made.run.instances[3].cores_allowed = "1";
  made.run.instances[3].counters.memory_limit_bytes.reset();
  EXPECT_THAT(check("device_imposed"), is(kFlag, "1 of 20 instances that answered could not be looked at"));
}

TEST_F(MachineChecks, NeighbourFailsWhenItDidLessThanHalfOfWhatItShould) {
  EXPECT_EQ(check("neighbour").name, "absent");
  made.run.plan.cells[0].factors["neighbour"] = "cpu:50%";
  EXPECT_THAT(check("neighbour"), is(kFlag, "was not read"));
  for (auto& visit : made.run.visits) visit.neighbour = {.elapsed_ns = 100'000'000, .cpu_ns = 49'000'000, .bytes = 0};
  EXPECT_THAT(check("neighbour"), is(kPass, "The neighbour took 49 % of a core, where it should take 50 % of a core."));
  for (auto& visit : made.run.visits) visit.neighbour.cpu_ns = 40'000'000;
  EXPECT_EQ(check("neighbour").status, kFlag);
  for (auto& visit : made.run.visits) visit.neighbour.cpu_ns = 60'000'000;
  EXPECT_EQ(check("neighbour").status, kFlag);
  for (auto& visit : made.run.visits) visit.neighbour.cpu_ns = 20'000'000;
  EXPECT_EQ(check("neighbour").status, kFail);
  made.run.plan.cells[0].factors["neighbour"] = "io:10MB/s";
  for (auto& visit : made.run.visits) visit.neighbour.bytes = 1'000'000;
  EXPECT_THAT(check("neighbour"), is(kPass, "took 10.0 MB/s, where it should take 10.0 MB/s"));
}

TEST_F(MachineChecks, ThrottledFailsWhenAGroupAboveTheInstancesWas) {
  made.run.visits[3].machine.throttled_ns = 0;
  EXPECT_EQ(check("throttled").status, kPass);
  made.run.visits[4].machine.throttled_ns = 7'000'000;
  EXPECT_THAT(check("throttled"), is(kFail, "around Lumos was throttled for 7.00 ms"));
}

TEST_F(MachineChecks, ThrottledFlagsAnAnsweringInstanceThatWasNotLookedAt) {
  made.run.instances[3].counters.throttled_ns.reset();
  EXPECT_THAT(check("throttled"), is(kFlag, "1 of 20"));
  made.measured(0)[3]->outcome = Outcome::kNotReady;
  EXPECT_THAT(check("throttled"), is(kPass, "None of 19"));
  for (auto& instance : made.run.instances) instance.counters.throttled_ns.reset();
  for (auto* sample : made.measured(0)) sample->outcome = Outcome::kNotReady;
  EXPECT_THAT(check("throttled"), is(kFlag, "No instance"));
}

TEST_F(MachineChecks, PlacementFailsOnAnInstanceAllowedElsewhere) {
  EXPECT_THAT(check("placement"), is(kPass, "All 20"));
  made.run.instances[3].cores_allowed = "0-1";
  EXPECT_THAT(check("placement"), is(kFail, "1 of 20"));
  EXPECT_THAT(check("placement"),
              is(kFail, made.run.instances[3].name + " was allowed on cores 0-1 and ran last on 1"));
}

TEST_F(MachineChecks, PlacementFailsOnAnInstanceThatRanElsewhere) {
  made.run.instances[3].counters.last_core = 0;
  EXPECT_THAT(check("placement"), is(kFail, "ran last on 0"));
  made.run.instances[3].counters.last_core.reset();
  EXPECT_EQ(check("placement").status, kPass);
}

TEST_F(MachineChecks, PlacementUnderstandsTheKernelsLists) {
  made.run.manifest["backend"]["placement"]["instances"] = {1, 2, 3, 5};
  for (const char* good : {"1", "1-3", "1-3,5", "2,3"}) {
    made.run.instances[3].cores_allowed = good;
    EXPECT_EQ(check("placement").status, kPass) << good;
  }
  for (const char* bad : {"0-3", "1-5", "4", "", "all", "1-", "1,", "1 ", "99999999999", "1-9999999999"}) {
    made.run.instances[3].cores_allowed = bad;
    EXPECT_EQ(check("placement").status, kFail) << bad;
  }
}

TEST_F(MachineChecks, PlacementFlagsSharedCoresAndMissingEvidence) {
  made.run.manifest["backend"]["placement"]["shared"] = true;
  EXPECT_THAT(check("placement"), is(kFlag, "one core only"));
  made.run.manifest["backend"]["placement"]["shared"] = false;
  made.run.manifest["backend"]["placement"]["unkept"] = {"generator: real-time priority: Operation not permitted"};
  EXPECT_THAT(check("placement"), is(kFlag, "could not be kept: generator: real-time priority"));
  made.run.manifest["backend"]["placement"].erase("unkept");
  made.run.instances[3].cores_allowed.reset();
  EXPECT_THAT(check("placement"), is(kFlag, "1 of 20 instances that answered could not be looked at"));
}

TEST_F(MachineChecks, PlacementOfAResumedRunIsThatOfOneOfItsParts) {
  made.run.manifest["resumed"] = {{{"backend", {{"placement", {{"instances", {2, 3}}, {"shared", false}}}}}}};
  made.run.instances[3].cores_allowed = "2-3";
  made.run.instances[3].counters.last_core = 2;
  EXPECT_EQ(check("placement").status, kPass);
  made.run.instances[3].cores_allowed = "1-2";
  EXPECT_EQ(check("placement").status, kFail);
}

TEST_F(MachineChecks, PlacementWithoutAPlanFlagsWhateverTheManifestHolds) {
  for (const char* text : {"null", "[]", "{}", "1", R"({"backend":"local"})", R"({"backend":{"placement":[]}})",
                           R"({"backend":{"placement":{"instances":["1"]}}})", R"({"resumed":[1,{"backend":0}]})"}) {
    made.run.manifest = nlohmann::ordered_json::parse(text);
    EXPECT_THAT(check("placement"), is(kFlag, "no placement plan")) << text;
  }
}

TEST_F(MachineChecks, SameImageFailsOnAnImageThatWasChanged) {
  EXPECT_THAT(check("same_image"), is(kPass, "is what the build put into image sha256:crun"));
  made.run.plan.deployments[0].image_verified = false;
  EXPECT_THAT(check("same_image"), is(kFail, "is not what the build put"));
  made.run.plan.deployments[0].image_verified.reset();
  EXPECT_THAT(check("same_image"), is(kFlag, "not looked at"));
}

TEST_F(MachineChecks, CacheFailsWhereMoreThanAPercentOfThePagesWereElsewhere) {
  EXPECT_THAT(check("cache_verified"), is(kPass, "image: 300 of 300 pages in memory before each start; runtime: 5000"));
  made.run.visits[3].cache.runtime_pages_cached = 4'960;
  made.run.visits[3].cache.exception = "/usr/lib/libLLVM.so";
  EXPECT_THAT(check("cache_verified"), is(kFlag,
                                          "runtime: before 1 of 20 starts up to 0.8 % of 5000 pages were not in "
                                          "memory, most of them of libLLVM.so."));
  made.run.visits[3].cache.runtime_pages_cached = 4'940;
  EXPECT_THAT(check("cache_verified"), is(kFail, "image: 300 of 300"));
}

TEST_F(MachineChecks, CacheFailsWhereWhatShouldBeOnDiskWasInMemory) {
  made.run.plan.cells[0].factors["cache"] = "disk";
  EXPECT_THAT(check("cache_verified"), is(kFail,
                                          "image: before 20 of 20 starts up to 100 % of 300 pages were not on "
                                          "disk alone"));
  for (auto& visit : made.run.visits) visit.cache.image_pages_cached = 0;
  EXPECT_THAT(check("cache_verified"), is(kPass, "image: 0 of 300 pages in memory"));
}

TEST_F(MachineChecks, CacheOfAnImageThatIsPulledLooksAtItsLayers) {
  made.run.plan.cells[0].factors.update({{"cache", "remote"}, {"base", "debian-slim"}});
  EXPECT_THAT(check("cache_verified"), is(kFlag, "20 starts were not looked at"));
  for (auto& visit : made.run.visits) visit.cache.image_layers = 2, visit.cache.image_layers_there = 0;
  EXPECT_THAT(check("cache_verified"), is(kFail, "starts pulled nothing"));
  for (auto& sample : made.run.samples) sample.stamps.pull_end = sample.stamps.received;
  EXPECT_THAT(check("cache_verified"), is(kPass, "image: 0 of 2 layers on the node before each start; runtime: 5000"));
  made.run.visits[3].cache.image_layers_there = 1;
  EXPECT_THAT(check("cache_verified"), is(kFail, "image: before 1 of 20 starts other layers were on the node than 0"));
}

TEST_F(MachineChecks, CacheOfABaseThatIsThereWantsItsLayerAlone) {
  made.run.plan.cells[0].factors.update({{"cache", "base-cached"}, {"base", "debian-slim"}});
  for (auto& visit : made.run.visits) visit.cache.image_layers = 2, visit.cache.image_layers_there = 1;
  for (auto& sample : made.run.samples) sample.stamps.pull_end = sample.stamps.received;
  EXPECT_THAT(check("cache_verified"), is(kPass, "image: 1 of 2 layers on the node"));
  made.run.plan.cells[0].factors["base"] = "scratch";
  EXPECT_THAT(check("cache_verified"), is(kFail, "than 0 of 2"));
}

TEST_F(MachineChecks, CacheFlagsStartsThatWereNotLookedAt) {
  made.run.visits[3].cache = {};
  EXPECT_THAT(check("cache_verified"), is(kFlag, "image: 1 of 20 starts were not looked at"));
  made.run.plan.cells[0].factors["cache"] = nullptr;
  made.run.plan.cells[0].factors.erase("runtime_cache");
  EXPECT_EQ(check("cache_verified").name, "absent");
}

TEST_F(MachineChecks, ScriptedInstancesHaveNoMachine) {
  made.run.plan.deployments[0].image_digest.clear();
  for (const char* name : {"steal", "throttled", "placement", "same_image", "cache_verified"})
    EXPECT_EQ(check(name).name, "absent") << name;
}

}  // namespace
}  // namespace lumos
