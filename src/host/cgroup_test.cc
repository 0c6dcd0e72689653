#include "host/cgroup.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

// A tree of plain files stands for the kernel's.
void touch(const std::filesystem::path& path) {
  std::filesystem::create_directories(path.parent_path());
  ASSERT_TRUE(write_file(path, "").has_value());
}

TEST(CgroupTree, TellsV2FromV1) {
  const TemporaryFolder v2, v1, none;
  touch(v2 / "cgroup.controllers");
  touch(v1 / "memory/cgroup.procs");
  touch(v1 / "cpuacct/cgroup.procs");
  EXPECT_EQ(CgroupTree::find(v2.path())->version, CgroupVersion::kV2);
  EXPECT_EQ(CgroupTree::find(v1.path())->version, CgroupVersion::kV1);
  EXPECT_EQ(CgroupTree::find(none.path()).error().code, ErrorCode::kEnvironment);
}

TEST(CgroupTree, V1HasOneFolderPerHierarchyEvenWhenTwoNamesShareOne) {
  const TemporaryFolder root;
  touch(root / "cpu,cpuacct/cgroup.procs");
  touch(root / "memory/cgroup.procs");
  std::filesystem::create_directory_symlink(root / "cpu,cpuacct", root / "cpuacct");
  std::filesystem::create_directory_symlink(root / "cpu,cpuacct", root / "cpu");
  const auto tree = CgroupTree::find(root.path());
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->folders("lumos/a").size(), 2u);
}

TEST(Cgroup, RemovesWhatAnOciRuntimeMadeInHierarchiesThatLumosDoesNotUse) {
  const TemporaryFolder root;
  for (const char* controller : {"memory", "cpuacct", "freezer"}) touch(root / controller / "cgroup.procs");
  const auto tree = *CgroupTree::find(root.path());
  for (const char* controller : {"memory", "freezer"})
    std::filesystem::create_directories(root / controller / "lumos/r1/i1");
  ASSERT_TRUE(remove_cgroup(tree, "lumos/r1").has_value());
  EXPECT_FALSE(std::filesystem::exists(root / "freezer/lumos/r1"));
  EXPECT_TRUE(std::filesystem::exists(root / "freezer/lumos"));
}

TEST(Cgroup, MakesTheGroupAndItsParents) {
  const TemporaryFolder root;
  touch(root / "cgroup.controllers");
  const auto tree = *CgroupTree::find(root.path());
  ASSERT_TRUE(make_cgroup(tree, "lumos/run/i1").has_value());
  EXPECT_TRUE(std::filesystem::is_directory(root / "lumos/run/i1"));
  ASSERT_TRUE(make_cgroup(tree, "lumos/run/i1").has_value());
  ASSERT_TRUE(remove_cgroup(tree, "lumos/run").has_value());
  EXPECT_FALSE(std::filesystem::exists(root / "lumos/run"));
  ASSERT_TRUE(remove_cgroup(tree, "lumos/run").has_value());
}

CgroupLimits limits_of_a_device() {
  CgroupLimits limits{.memory_bytes = 64 << 20, .swap = false};
  limits.cpu = CpuQuota{.quota = std::chrono::milliseconds(25), .period = std::chrono::milliseconds(100)};
  limits.read = ReadLimit{.disk = "254:0", .bytes_per_s = 20'000'000, .reads_per_s = 500};
  return limits;
}

TEST(Cgroup, LimitsAGroupOnV2) {
  const TemporaryFolder root;
  touch(root / "cgroup.controllers");
  const auto tree = *CgroupTree::find(root.path());
  for (const char* file : {"pids.max", "memory.max", "memory.swap.max", "cpu.max", "io.max"}) touch(root / "a" / file);
  const auto limited = limit_cgroup(tree, "a", limits_of_a_device());
  ASSERT_TRUE(limited.has_value()) << limited.error().message;
  EXPECT_EQ(read_file(root / "a/pids.max"), "256");
  EXPECT_EQ(read_file(root / "a/memory.max"), "67108864");
  EXPECT_EQ(read_file(root / "a/memory.swap.max"), "0");
  EXPECT_EQ(read_file(root / "a/cpu.max"), "25000 100000");
  EXPECT_EQ(read_file(root / "a/io.max"), "254:0 rbps=20000000 riops=500");
}

TEST(Cgroup, LimitsAGroupOnV1) {
  const TemporaryFolder root;
  for (const char* controller : {"memory", "cpuacct", "cpu", "pids", "blkio"})
    touch(root / controller / "cgroup.procs");
  const auto tree = *CgroupTree::find(root.path());
  EXPECT_EQ(tree.folders("a").size() + 1, tree.folders("a", true).size()) << "block devices only when they are limited";
  for (const char* file : {"pids/a/pids.max", "memory/a/memory.limit_in_bytes", "memory/a/memory.memsw.limit_in_bytes",
                           "cpu/a/cpu.cfs_period_us", "cpu/a/cpu.cfs_quota_us",
                           "blkio/a/blkio.throttle.read_bps_device", "blkio/a/blkio.throttle.read_iops_device"}) {
    touch(root / file);
  }
  const auto limited = limit_cgroup(tree, "a", limits_of_a_device());
  ASSERT_TRUE(limited.has_value()) << limited.error().message;
  EXPECT_EQ(read_file(root / "memory/a/memory.limit_in_bytes"), "67108864");
  EXPECT_EQ(read_file(root / "memory/a/memory.memsw.limit_in_bytes"), "67108864");
  EXPECT_EQ(read_file(root / "cpu/a/cpu.cfs_period_us"), "100000");
  EXPECT_EQ(read_file(root / "cpu/a/cpu.cfs_quota_us"), "25000");
  EXPECT_EQ(read_file(root / "blkio/a/blkio.throttle.read_bps_device"), "254:0 20000000");
  EXPECT_EQ(read_file(root / "blkio/a/blkio.throttle.read_iops_device"), "254:0 500");
}

TEST(Cgroup, ALimitThatIsNotTakenIsAnError) {
  const TemporaryFolder root;
  touch(root / "cgroup.controllers");
  for (const char* file : {"pids.max", "memory.max"}) touch(root / "a" / file);
  const auto limited = limit_cgroup(*CgroupTree::find(root.path()), "a", limits_of_a_device());
  ASSERT_FALSE(limited.has_value());
  EXPECT_EQ(limited.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(limited.error().message.contains("cpu.max = 25000 100000")) << limited.error().message;
}

}  // namespace
}  // namespace lumos
