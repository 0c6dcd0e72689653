// Control groups, v1 and v2: making them, entering them, removing them. Reading them is telemetry/cgroup_counters.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

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

  /// The folders of a group: one on v2; on v1 one per controller that Lumos uses and the machine has.
  std::vector<std::filesystem::path> folders(const std::string& relative) const;
  /// The same in every hierarchy of the machine, used by Lumos or not: OCI runtimes make groups in all of them.
  std::vector<std::filesystem::path> folders_everywhere(const std::string& relative) const;
};

/// Makes the group and its parents, with the controllers cpu, memory and pids. Existing is fine.
Expected<> make_cgroup(const CgroupTree& tree, const std::string& relative);

/// Bounds a group's processes and memory. Error: kEnvironment, the kernel refused.
Expected<> limit_cgroup(const CgroupTree& tree, const std::string& relative, std::int64_t pids,
                        std::int64_t memory_bytes);

/// Open cgroup.procs files, so that a process can be moved by one write each. On v2 also its folder, for
/// CLONE_INTO_CGROUP.
struct CgroupEntry {
  std::vector<Fd> procs;
  Fd folder;
};
Expected<CgroupEntry> open_cgroup(const CgroupTree& tree, const std::string& relative);

/// Kills every process in the group and in those below it, and removes them all. Gone already is fine.
/// Error: kEnvironment when something is still there after two seconds.
Expected<> remove_cgroup(const CgroupTree& tree, const std::string& relative);

}  // namespace lumos
