// Control groups, v1 and v2: making them, entering them, removing them. Reading them is telemetry/cgroup_counters.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"

namespace lumos {

enum class CgroupVersion { kV1, kV2 };

/// Where this machine's control groups are. Any thread.
struct CgroupTree {
  CgroupVersion version = CgroupVersion::kV2;
  std::filesystem::path root = "/sys/fs/cgroup";

  /// Looks at `root`: v2 when it is one unified tree. Error: kEnvironment when there is neither.
  static Expected<CgroupTree> find(const std::filesystem::path& root = "/sys/fs/cgroup");

  /// The folders of a group: one on v2; on v1 one per controller that Lumos uses and the machine has. Only groups whose
  /// reads are limited need that of block devices: each folder costs a start time.
  std::vector<std::filesystem::path> folders(const std::string& relative, bool with_io = false) const;
  /// The same in every hierarchy of the machine, used by Lumos or not: OCI runtimes make groups in all of them.
  std::vector<std::filesystem::path> folders_everywhere(const std::string& relative) const;
};

/// On v1, hides the v2 hierarchy beside it from this mount namespace, which is its own, behind a folder in memory: crun
/// refuses the hierarchy where it is mounted, and makes plain files where it is not.
Expected<> hide_unified(const CgroupTree& tree);
/// Removes these files of a group; only where the hierarchy is hidden.
void remove_hidden(const CgroupTree& tree, const std::string& relative);

/// Makes the group and its parents, with the controllers cpu, memory and pids. Existing is fine.
Expected<> make_cgroup(const CgroupTree& tree, const std::string& relative, bool with_io = false);

/// CPU time of a group in each period, over all cores.
struct CpuQuota {
  Nanoseconds quota{0}, period{0};  // whole microseconds
};

/// Of what a group reads from one disk.
struct ReadLimit {
  std::string disk;  // "254:0", as the kernel numbers it: a whole disk
  std::optional<std::int64_t> bytes_per_s, reads_per_s;
};

/// What a group may take.
struct CgroupLimits {
  std::int64_t pids = 256;
  std::int64_t memory_bytes = 1LL << 30;
  bool swap = true;  // false: nothing beyond the memory, where the kernel counts swap
  std::optional<CpuQuota> cpu;
  std::optional<ReadLimit> read;  // needs a group made with_io
};

/// Bounds a group. Error: kEnvironment, the kernel refused; the message names the file.
Expected<> limit_cgroup(const CgroupTree& tree, const std::string& relative, const CgroupLimits& limits);

/// Open cgroup.procs files, so that a process can be moved by one write each. On v2 also its folder, for
/// CLONE_INTO_CGROUP.
struct CgroupEntry {
  std::vector<Fd> procs;
  Fd folder;
};
Expected<CgroupEntry> open_cgroup(const CgroupTree& tree, const std::string& relative, bool with_io = false);

/// Kills every process in the group and in those below it, and removes them all. Gone already is fine.
/// Error: kEnvironment when something is still there after two seconds.
Expected<> remove_cgroup(const CgroupTree& tree, const std::string& relative);

}  // namespace lumos
