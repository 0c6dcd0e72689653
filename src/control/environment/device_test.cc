#include "control/environment/device.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

void put(const std::filesystem::path& file, const std::string& text = "") {
  std::filesystem::create_directories(file.parent_path());
  ASSERT_TRUE(write_file(file, text).has_value());
}

TEST(DeviceOnMachine, NoDeviceLimitsNothingMoreThanEveryInstanceIs) {
  const auto imposed = device_on_machine({}, {1, 2}, "/nowhere");
  ASSERT_TRUE(imposed.has_value());
  EXPECT_TRUE(imposed->cores.empty());
  EXPECT_EQ(imposed->limits.memory_bytes, CgroupLimits{}.memory_bytes);
  EXPECT_FALSE(imposed->limits.cpu.has_value());
}

TEST(DeviceOnMachine, ItsCoresAreTheFirstOfThoseForInstances) {
  Device device{.name = "slice-1c-0.5", .cores = 1, .memory_bytes = 64 << 20};
  device.quota = 50ms;
  device.period = 100ms;
  const auto imposed = device_on_machine(device, {2, 3}, "/nowhere");
  ASSERT_TRUE(imposed.has_value());
  EXPECT_EQ(imposed->cores, std::vector{2});
  EXPECT_EQ(imposed->limits.cpu->quota, 50ms);
  EXPECT_EQ(imposed->limits.memory_bytes, 64 << 20);
  EXPECT_FALSE(imposed->limits.swap);
}

TEST(DeviceOnMachine, MoreCoresThanThereAreAreRefused) {
  const auto refused = device_on_machine({.name = "slice-4c-4", .cores = 4}, {1}, "/nowhere");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(refused.error().message.starts_with(
      "device slice-4c-4: it has 4 cores, and of this machine instances have 1 (1)"))
      << refused.error().message;
}

TEST(DeviceOnMachine, ReadsFromNoDiskCannotBeLimited) {
  const auto refused = device_on_machine({.name = "slice-a", .cores = 1, .reads_per_s = 5}, {1}, "/proc/self/stat");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(refused.error().message.contains("its reads cannot be limited")) << refused.error().message;
}

TEST(WholeDisk, IsThatOfAPartition) {
  const TemporaryFolder sys;
  put(sys / "devices/vda/dev", "254:0\n");
  put(sys / "devices/vda/vda1/partition", "1\n");
  put(sys / "devices/vda/vda1/dev", "254:1\n");
  std::filesystem::create_directories(sys / "dev/block");
  std::filesystem::create_directory_symlink(sys / "devices/vda", sys / "dev/block/254:0");
  std::filesystem::create_directory_symlink(sys / "devices/vda/vda1", sys / "dev/block/254:1");
  EXPECT_EQ(whole_disk(254, 0, sys.path()), "254:0");
  EXPECT_EQ(whole_disk(254, 1, sys.path()), "254:0");
  EXPECT_EQ(whole_disk(0, 45, sys.path()).error().code, ErrorCode::kEnvironment);
}

TEST(TryLimits, SaysWhatWasRefusedAndLeavesNothing) {
  const TemporaryFolder root;
  put(root / "cgroup.controllers");
  const auto tree = *CgroupTree::find(root.path());
  CgroupLimits limits;
  limits.cpu = CpuQuota{.quota = 50ms, .period = 100ms};
  const auto refused = try_limits(tree, "lumos/r1/tried", limits);  // plain folders have no such files
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(refused.error().message.contains("pids.max = 256")) << refused.error().message;
  EXPECT_FALSE(std::filesystem::exists(root / "lumos/r1/tried"));
}

}  // namespace
}  // namespace lumos
