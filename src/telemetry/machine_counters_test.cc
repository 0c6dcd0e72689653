#include "telemetry/machine_counters.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

// Recorded on Linux 6.18.
constexpr const char* kStat =
    "cpu  563672 53766 74146 451448 1913 0 1696 225 0 0\n"
    "cpu0 275185 27972 31657 237456 392 0 552 104 0 0\n"
    "intr 3957461 0 0\n";
constexpr const char* kPressure =
    "some avg10=83.96 avg60=58.54 avg300=64.65 total=2077167175\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=12\n";

void put(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  ASSERT_TRUE(write_file(path, text).has_value());
}

TEST(MachineCounters, ReadsTicksOfAllCores) {
  const auto ticks = parse_cpu_ticks(kStat);
  ASSERT_TRUE(ticks.has_value());
  EXPECT_EQ(ticks->busy, 563672 + 53766 + 74146 + 1696);
  EXPECT_EQ(ticks->steal, 225);
  for (const char* bad : {"", "cpu0 1 2 3 4 5 6 7 8\n", "cpu  1 2 3\ncpu0 4 5 6 7 8 9\n", "cpu  1 2 3 4 5 6 7 x\n"}) {
    EXPECT_FALSE(parse_cpu_ticks(bad).has_value()) << bad;
  }
}

TEST(MachineCounters, ReadsSomePressureNotFull) {
  EXPECT_EQ(parse_pressure_some_ns(kPressure), 2'077'167'175'000);
  for (const char* bad : {"", "full total=1\n", "some avg10=0\nfull total=12\n"}) {
    EXPECT_FALSE(parse_pressure_some_ns(bad).has_value()) << bad;
  }
}

TEST(MachineCounters, ReadsAMachineAndTakesWindows) {
  const TemporaryFolder root;
  put(root / "proc/stat", kStat);
  put(root / "proc/pressure/cpu", kPressure);
  put(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "3000000\n");
  put(root / "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "2000000\n");
  const MachineUse first = read_machine(root.path());
  EXPECT_EQ(first.steal_ns, 2'250'000'000);
  EXPECT_EQ(first.frequency_khz, 2'500'000);
  EXPECT_EQ(first.psi_memory_ns, std::nullopt);
  EXPECT_EQ(first.own_cpu_ns, std::nullopt);
  put(root / "proc/stat", "cpu  563682 53766 74146 451448 1913 0 1696 228 0 0\n");
  const MachineUse window = read_machine(root.path()).since(first);
  EXPECT_EQ(window.steal_ns, 30'000'000);
  EXPECT_EQ(window.machine_busy_ns, 100'000'000);
  EXPECT_EQ(window.psi_cpu_ns, 0);
  EXPECT_EQ(window.psi_memory_ns, std::nullopt);
  EXPECT_EQ(window.frequency_khz, 2'500'000);
  EXPECT_GE(*window.elapsed_ns, 0);
}

TEST(MachineCounters, AnEmptyMachineIsNotZero) {
  const TemporaryFolder root;
  const MachineUse use = read_machine(root.path());
  for (const auto& [name, field] : kMachineUse) {
    if (field != &MachineUse::elapsed_ns) {
      EXPECT_EQ(use.*field, std::nullopt) << name;
    }
  }
}

}  // namespace
}  // namespace lumos
