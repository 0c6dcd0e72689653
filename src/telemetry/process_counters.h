// What the kernel knows of one process. Unread is nullopt, never 0.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "record/counters.h"

namespace lumos {

/// A process's line in /proc/PID/stat, as far as Lumos needs it.
struct ProcessStat {
  std::int64_t parent = 0;
  std::int64_t page_faults_minor = 0, page_faults_major = 0;
  std::int64_t reaped_ticks =
      0;  // CPU of its children that it has waited for, and of theirs: user + system, in clock ticks
  std::int64_t last_core = 0;
};

/// nullopt when the text is no such line. A program's name in it may hold anything.
std::optional<ProcessStat> parse_process_stat(std::string_view text);

/// Fills what /proc/PID knows: context switches, page faults, PSS, last core; block bytes only where `into` has none.
/// Returns the cores that it may run on ("0-3"). About 0.1 ms, and 3 ms for the PSS of a process with large libraries,
/// whose memory it holds still meanwhile: for the end of an instance. `proc` is where /proc is looked for (tests).
std::optional<std::string> read_process(pid_t pid, InstanceCounters& into, const std::filesystem::path& proc = "/proc");

/// The process that started it, or that took it over; nullopt when it is gone.
std::optional<pid_t> parent_of(pid_t pid);

/// CPU time of a living process without its children, exact. Any process of this pid namespace or one below.
std::optional<Nanoseconds> process_cpu_of(pid_t pid);

/// CPU time of the children that a living process has waited for, and of theirs; as coarse as the clock tick (10 ms).
std::optional<Nanoseconds> reaped_cpu_of(pid_t pid);

}  // namespace lumos
