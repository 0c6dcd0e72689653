#include "telemetry/fingerprint.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

TEST(Fingerprint, ReadsTheMachine) {
  const TemporaryFolder root;
  std::filesystem::create_directories(root / "proc");
  ASSERT_TRUE(write_file(root / "proc/cpuinfo",
                         "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nflags\t\t: fpu hypervisor aes\n")
                  .has_value());
  ASSERT_TRUE(write_file(root / "proc/meminfo", "MemTotal:       1024 kB\n").has_value());
  const auto machine = machine_fingerprint(root.path());
  EXPECT_EQ(machine["processor"], "Some CPU @ 2 GHz");
  EXPECT_EQ(machine["memory"], "1024 kB");
  EXPECT_EQ(machine["virtual_machine"], true);
  EXPECT_TRUE(machine["clock_source"].is_null());
  EXPECT_TRUE(machine["cgroup"].is_null());
}

}  // namespace
}  // namespace lumos
