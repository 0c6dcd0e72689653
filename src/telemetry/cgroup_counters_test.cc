#include "telemetry/cgroup_counters.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

void put(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  ASSERT_TRUE(write_file(path, text).has_value());
}

// Recorded from a kernel: tests/fixtures/cgroup_v2/README.md.
CgroupTree v2_tree() {
  return {CgroupVersion::kV2, std::filesystem::path(LUMOS_SOURCE_DIR) / "tests/fixtures/cgroup_v2"};
}

TEST(CgroupCounters, ReadsV2) {
  const auto counters = CgroupCounters::open(v2_tree(), "lumos/throttled");
  EXPECT_EQ(counters.cpu_usage_total_ns(), 4'306'603'000);
  EXPECT_EQ(counters.memory_bytes(), 0);  // ended; its peak stays
  EXPECT_EQ(counters.memory_peak_bytes(), 1'572'864);
  const auto living = CgroupCounters::open(v2_tree(), "lumos/plain");
  EXPECT_EQ(living.cpu_usage_total_ns(), 1'431'201'000);
  EXPECT_EQ(living.memory_bytes(), 249'856);
  EXPECT_EQ(living.memory_peak_bytes(), 266'240);
}

TEST(CgroupCounters, ReadsTheEndOfAGroupOnV2) {
  InstanceCounters end;
  read_cgroup(v2_tree(), "lumos/throttled", end);
  EXPECT_EQ(end.throttled_periods, 215);
  EXPECT_EQ(end.throttled_ns, 17'142'289'000);
  EXPECT_EQ(end.block_read_bytes, 1'376'256);
  EXPECT_EQ(end.block_write_bytes, 0);
  EXPECT_EQ(end.cpu_periods, 221);
  EXPECT_EQ(end.cpu_quota_ns, 20'000'000);
  EXPECT_EQ(end.cpu_period_ns, 100'000'000);
  EXPECT_EQ(end.memory_limit_bytes, std::nullopt);
  EXPECT_EQ(end.oom_kills, 0);
  InstanceCounters plain;
  read_cgroup(v2_tree(), "lumos/plain", plain);
  EXPECT_EQ(plain.throttled_ns, 0);
  EXPECT_EQ(plain.cpu_quota_ns, std::nullopt);
  EXPECT_EQ(plain.cpu_period_ns, std::nullopt) << "a period without a quota bounds nothing";
  EXPECT_EQ(plain.memory_limit_bytes, std::nullopt);
  EXPECT_EQ(plain.oom_kills, 0);
  EXPECT_EQ(plain.block_read_bytes, std::nullopt);
}

TEST(CgroupCounters, ReadsLimitsAndAddsUpTheDevicesOfAGroupOnV2) {
  const TemporaryFolder root;
  put(root / "a/io.stat",
      "8:16 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n7:0\n254:0 rbytes=512 wbytes=0\n");
  InstanceCounters end;
  put(root / "a/memory.max", "536870912\n");
  put(root / "a/memory.events", "low 0\nhigh 0\nmax 4\noom 1\noom_kill 1\noom_group_kill 0\n");
  read_cgroup({CgroupVersion::kV2, root.path()}, "a", end);
  EXPECT_EQ(end.memory_limit_bytes, 536'870'912);
  EXPECT_EQ(end.oom_kills, 1);
  EXPECT_EQ(end.block_read_bytes, 4608);  // one without numbers is passed over
  EXPECT_EQ(end.block_write_bytes, 8192);
}

TEST(CgroupCounters, ReadsV1) {
  const TemporaryFolder root;
  put(root / "cpuacct/a/cpuacct.usage", "987654321\n");
  put(root / "memory/a/memory.usage_in_bytes", "4096\n");
  put(root / "memory/a/memory.max_usage_in_bytes", "8192\n");
  const auto counters = CgroupCounters::open({CgroupVersion::kV1, root.path()}, "a");
  EXPECT_EQ(counters.cpu_usage_total_ns(), 987654321);
  EXPECT_EQ(counters.memory_bytes(), 4096);
  EXPECT_EQ(counters.memory_peak_bytes(), 8192);
}

TEST(CgroupCounters, ReadsTheEndOfAGroupOnV1) {
  const TemporaryFolder root;
  put(root / "cpu/a/cpu.stat", "nr_periods 9\nnr_throttled 2\nthrottled_time 51234567\nnr_bursts 0\nburst_time 0\n");
  put(root / "blkio/a/blkio.throttle.io_service_bytes",
      "Total 0\n");  // what current kernels say of a group without limit
  put(root / "cpu/a/cpu.cfs_quota_us", "25000\n");
  put(root / "cpu/a/cpu.cfs_period_us", "100000\n");
  put(root / "memory/a/memory.limit_in_bytes", "268435456\n");
  put(root / "memory/a/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
  InstanceCounters end;
  read_cgroup({CgroupVersion::kV1, root.path()}, "a", end);
  EXPECT_EQ(end.cpu_periods, 9);
  EXPECT_EQ(end.cpu_quota_ns, 25'000'000);
  EXPECT_EQ(end.cpu_period_ns, 100'000'000);
  EXPECT_EQ(end.memory_limit_bytes, 268'435'456);
  EXPECT_EQ(end.oom_kills, 2);
  put(root / "cpu/a/cpu.cfs_quota_us", "-1\n");
  InstanceCounters free;
  read_cgroup({CgroupVersion::kV1, root.path()}, "a", free);
  EXPECT_EQ(free.cpu_quota_ns, std::nullopt);
  EXPECT_EQ(end.throttled_periods, 2);
  EXPECT_EQ(end.throttled_ns, 51'234'567);
  EXPECT_EQ(end.block_read_bytes, std::nullopt);
}

TEST(CgroupCounters, AddsUpTheThrottlingAboveAGroup) {
  EXPECT_EQ(throttled_above_ns(v2_tree(), "lumos/throttled"), std::nullopt);  // the root and lumos/ do not count
  EXPECT_EQ(throttled_above_ns(v2_tree(), "lumos/throttled/i1"), 17'142'289'000);
  const TemporaryFolder root;
  put(root / "cpu/cpu.stat", "nr_throttled 1\nthrottled_time 5\n");
  put(root / "cpu/lumos/cpu.stat", "nr_throttled 1\nthrottled_time 3\n");
  EXPECT_EQ(throttled_above_ns({CgroupVersion::kV1, root.path()}, "lumos/r1"), 8);
}

TEST(CgroupCounters, WhatIsNotThereIsNotZero) {
  const TemporaryFolder root;
  put(root / "a/cpu.stat", "nothing known\n");
  const auto counters = CgroupCounters::open({CgroupVersion::kV2, root.path()}, "a");
  EXPECT_EQ(counters.cpu_usage_total_ns(), std::nullopt);
  EXPECT_EQ(counters.memory_peak_bytes(), std::nullopt);
  EXPECT_EQ(counters.memory_bytes(), std::nullopt);
  EXPECT_EQ(CgroupCounters::open({CgroupVersion::kV1, root.path()}, "gone").cpu_usage_total_ns(), std::nullopt);
  InstanceCounters end;
  read_cgroup({CgroupVersion::kV2, root.path()}, "a", end);
  EXPECT_EQ(end.throttled_ns, std::nullopt);
}

}  // namespace
}  // namespace lumos
