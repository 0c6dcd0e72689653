#include "workload/device_profile.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"
#include "workload/example_names.h"
#include "workload/expand.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

TEST(DeviceProfile, SaysWhatInstancesMayTake) {
  const auto device = parse_device_profile(
      "schema: 1\ncores: 2\ncpu: {quota: 50ms, period: 20ms}\nmemory: 64MiB\nread: {bandwidth: 20MB/s, iops: 500}\n",
      "profiles/slice-2c-2.5.yaml");
  ASSERT_FALSE(device.has_value()) << "more than its cores have in a period";
  const auto smaller = parse_device_profile(
      "schema: 1\ncores: 2\ncpu: {quota: 30ms, period: 20ms}\nmemory: 64MiB\nread: {bandwidth: 20MB/s, iops: 500}\n",
      "profiles/slice-2c-1.5.yaml");
  ASSERT_TRUE(smaller.has_value()) << smaller.error().message;
  EXPECT_EQ(*smaller, (Device{.name = "slice-2c-1.5",
                              .cores = 2,
                              .quota = 30ms,
                              .period = 20ms,
                              .memory_bytes = 64 << 20,
                              .read_bytes_per_s = 20'000'000,
                              .reads_per_s = 500}));
  EXPECT_TRUE(smaller->emulated());
}

TEST(DeviceProfile, WhatItDoesNotNameIsNotLimited) {
  const auto device = parse_device_profile("schema: 1\ncores: 1\n", "slice-1c.yaml");
  ASSERT_TRUE(device.has_value());
  EXPECT_EQ(*device, (Device{.name = "slice-1c", .cores = 1}));
  EXPECT_EQ(parse_device_profile("schema: 1\ncores: 1\ncpu: {quota: 10ms}\n", "slice-x.yaml")->period, 100ms);
}

TEST(DeviceProfile, SurvivesItsJson) {
  Device device{.name = "slice-1c-0.5", .cores = 1, .memory_bytes = 5};
  device.quota = 50ms;
  device.period = 100ms;
  EXPECT_EQ(device_from_json(to_json(device)), device);
  EXPECT_EQ(device_from_json(to_json(Device{})), Device{});
  EXPECT_EQ(to_json(device)["emulated"], true);
  EXPECT_EQ(to_json(Device{})["emulated"], false);
}

TEST(DeviceProfile, IsRefusedWithPositionAndReason) {
  struct Bad {
    const char *text, *message;
  };
  for (const auto& [text, message] : {
           Bad{"", "1:1: the file is empty; a device profile needs at least 'schema: 1' and 'cores'"},
           Bad{"cores: 1\n", "1:1: the device profile must say 'schema: 1'"},
           Bad{"schema: 2\ncores: 1\n", "1:9: 'schema' must be from 1 to 1, not 2"},
           Bad{"schema: 1\n", "1:1: the device profile must have 'cores', such as cores: 1"},
           Bad{"schema: 1\ncores: 0\n", "2:8: 'cores' must be from 1 to 1024, not 0"},
           Bad{"schema: 1\ncore: 1\n",
               "2:1: unknown key 'core' in the device profile (did you mean 'cores'?); known: schema, cores, cpu, "
               "memory, "
               "read, write"},
           Bad{"schema: 1\ncores: 1\ncpu: 50%\n", "3:6: 'cpu' must be a map (keys: quota, period), not '50%'"},
           Bad{"schema: 1\ncores: 1\ncpu: {period: 1s}\n",
               "3:6: 'cpu' must have a 'quota', such as {quota: 50ms, period: 100ms}"},
           Bad{"schema: 1\ncores: 1\ncpu: {quota: 101ms}\n",
               "3:14: 'cpu.quota' must be from 1.00 ms to 100 ms, not '101ms'"},
           Bad{"schema: 1\ncores: 1\ncpu: {quota: 0.5ms}\n",
               "3:14: 'cpu.quota' must be from 1.00 ms to 100 ms, not '0.5ms'"},
           Bad{"schema: 1\ncores: 1\ncpu: {quota: 1.0005ms}\n",
               "3:14: 'cpu.quota' must be whole microseconds, not '1.0005ms'"},
           Bad{"schema: 1\ncores: 1\ncpu: {quota: 1s, period: 2s}\n",
               "3:26: 'cpu.period' must be from 1.00 ms to 1.00 s, not '2s'"},
           Bad{"schema: 1\ncores: 1\nmemory: 512\n", "3:9: 'memory' must be a size such as 512MB or 64MiB, not '512'"},
           Bad{"schema: 1\ncores: 1\nmemory: 1MB\n", "3:9: 'memory' must be from 4.19 MB to 70369 GB, not '1MB'"},
           Bad{"schema: 1\ncores: 1\nread: {bandwidth: 20MB}\n",
               "3:19: 'read.bandwidth' must be a rate such as 20MB/s, not '20MB'"},
           Bad{"schema: 1\ncores: 1\nread: {}\n", "3:7: 'read' must have a 'bandwidth' or 'iops'"},
           Bad{"schema: 1\ncores: 1\nread: {iops: 0}\n", "3:14: 'read.iops' must be from 1 to 1000000000, not 0"},
           Bad{"schema: 1\ncores: 1\nwrite: {iops: 5}\n",
               "3:8: 'write' cannot be imposed: what an instance writes stays in memory and reaches no disk"},
       }) {
    const auto device = parse_device_profile(text, "slice-a.yaml");
    ASSERT_FALSE(device.has_value()) << text;
    EXPECT_EQ(device.error(), (Error{ErrorCode::kUsage, std::string("slice-a.yaml:") + message}));
  }
}

TEST(DeviceProfile, AHardwaresNameIsRefused) {
  for (const char* name : {"raspberry-pi-4.yaml", "slice-.yaml", "Slice-1.yaml", "slice-1 c.yaml", ".yaml"}) {
    const auto device = parse_device_profile("schema: 1\ncores: 1\n", name);
    ASSERT_FALSE(device.has_value()) << name;
    EXPECT_TRUE(device.error().message.contains("must be named slice-")) << device.error().message;
  }
}

TEST(DeviceProfile, ThoseThatComeAlongAreValidAndNamedAfterWhatTheySay) {
  const auto devices = load_device_profiles(std::filesystem::path(LUMOS_SOURCE_DIR) / "profiles/devices");
  ASSERT_TRUE(devices.has_value()) << devices.error().message;
  EXPECT_GE(devices->size(), 4U);
  for (const Device& device : *devices) {
    ASSERT_TRUE(device.cores);
    const double share = device.quota
                             ? static_cast<double>(device.quota->count()) / static_cast<double>(device.period->count())
                             : static_cast<double>(*device.cores);
    EXPECT_TRUE(device.name.starts_with(std::format("slice-{}c-{:g}", *device.cores, share))) << device.name;
  }
}

Expected<Experiment> parsed(const std::string& line, const KnownNames& known) {
  return parse_experiment("functions: [noop]\nruntimes: [crun, wasm-aot]\n" + line + "\n", "e.yaml", known);
}

TEST(DeviceFactor, MultipliesDeploymentsAndStandsInEveryCell) {
  const auto known = example_names();
  EXPECT_EQ(parsed("", known)->device, std::vector{Device{}});
  const auto experiment = parsed("device: [none, slice-1c-0.5]\nstart: [warm]", known);
  ASSERT_TRUE(experiment.has_value()) << experiment.error().message;
  const Plan plan = expand(*experiment, known.functions, {});
  ASSERT_EQ(plan.deployments.size(), 4U);
  ASSERT_EQ(plan.cells.size(), 4U);
  EXPECT_EQ(plan.deployments[0].device, Device{});
  EXPECT_EQ(plan.deployments[1].device, known.devices[0]);
  EXPECT_EQ(plan.deployments[1].runtime, "crun");
  for (const auto& cell : plan.cells) {
    EXPECT_EQ(cell.factors["device"], plan.deployments[static_cast<std::size_t>(cell.deployment)].device.name);
  }
}

TEST(DeviceFactor, AnOwnProfileIsNamedByItsPath) {
  KnownNames known = example_names();
  EXPECT_FALSE(parsed("device: ./slice-own.yaml", known).has_value()) << "nobody reads files here";
  std::string asked;
  known.read_device = [&](const std::string& path) -> Expected<Device> {
    asked = path;
    return Device{.name = "slice-own", .cores = 1};
  };
  EXPECT_EQ(parsed("device: [slice-own.yaml]", known)->device[0].name, "slice-own");
  EXPECT_EQ(asked, "slice-own.yaml");
  const auto twice = parsed("device: [a/slice-own.yaml, b/slice-own.yaml]", known);
  ASSERT_FALSE(twice.has_value());
  EXPECT_EQ(twice.error().message, "e.yaml:3:28: 'device' lists 'slice-own' twice");
}

}  // namespace
}  // namespace lumos
