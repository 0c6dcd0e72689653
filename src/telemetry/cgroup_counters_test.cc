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

TEST(CgroupCounters, ReadsV2) {
  const TemporaryFolder root;
  put(root / "a/cpu.stat", "usage_usec 1234\nuser_usec 1000\nsystem_usec 234\n");
  put(root / "a/memory.peak", "40960\n");
  const auto counters = CgroupCounters::open({CgroupVersion::kV2, root.path()}, "a");
  EXPECT_EQ(counters.cpu_usage_total_ns(), 1234000);
  EXPECT_EQ(counters.memory_peak_bytes(), 40960);
}

TEST(CgroupCounters, ReadsV1) {
  const TemporaryFolder root;
  put(root / "cpuacct/a/cpuacct.usage", "987654321\n");
  put(root / "memory/a/memory.max_usage_in_bytes", "8192\n");
  const auto counters = CgroupCounters::open({CgroupVersion::kV1, root.path()}, "a");
  EXPECT_EQ(counters.cpu_usage_total_ns(), 987654321);
  EXPECT_EQ(counters.memory_peak_bytes(), 8192);
}

TEST(CgroupCounters, WhatIsNotThereIsNotZero) {
  const TemporaryFolder root;
  put(root / "a/cpu.stat", "nothing known\n");
  const auto counters = CgroupCounters::open({CgroupVersion::kV2, root.path()}, "a");
  EXPECT_EQ(counters.cpu_usage_total_ns(), std::nullopt);
  EXPECT_EQ(counters.memory_peak_bytes(), std::nullopt);
  EXPECT_EQ(CgroupCounters::open({CgroupVersion::kV1, root.path()}, "gone").cpu_usage_total_ns(), std::nullopt);
}

}  // namespace
}  // namespace lumos
