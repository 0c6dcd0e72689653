// What the whole machine did: how noisy the place was where something was measured.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "record/counters.h"

namespace lumos {

/// CPU time of all cores since boot, in clock ticks.
struct CpuTicks {
  std::int64_t busy = 0;  // user, nice, system, interrupts
  std::int64_t steal = 0;
};

/// From the text of /proc/stat; nullopt when its first line is not that of all cores.
std::optional<CpuTicks> parse_cpu_ticks(std::string_view proc_stat);
/// The same of one core; nullopt when it has no line.
std::optional<CpuTicks> parse_core_ticks(std::string_view proc_stat, int core);

/// The cumulative "some" of a file of /proc/pressure, ns.
std::optional<std::int64_t> parse_pressure_some_ns(std::string_view pressure);

/// The machine now, all but `own_cpu_ns` and `throttled_ns`, which are the caller's to know. About 0.2 ms: never while
/// something is timed. Steal and busy time are as coarse as the clock tick (10 ms). `root` is where /proc and /sys are
/// looked for (tests).
MachineUse read_machine(const std::filesystem::path& root = "/");

}  // namespace lumos
