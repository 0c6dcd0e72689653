// What a killed run leaves behind: only control groups. (Its processes, mounts and network go with its namespaces.)
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "host/cgroup.h"

namespace lumos {

/// The mark of a living run: a locked file, in a folder shared by all runs of this machine. The kernel drops the lock
/// with the process, so that a reused pid never looks like a living run.
class RunMark {
 public:
  /// Claims a new tag. Error: kEnvironment when the folder cannot be written.
  static Expected<RunMark> claim(const std::filesystem::path& folder);

  /// Part of the names of everything this run makes on the machine: "r1a2b3c4d".
  const std::string& tag() const { return tag_; }
  /// Parent of this run's control groups.
  std::string cgroup() const { return "lumos/" + tag_; }

  /// Removes the mark; to be called when everything of the run is gone.
  void release();

 private:
  std::filesystem::path path_;
  std::string tag_;
  Fd lock_;
};

/// Removes the control groups of runs whose mark is no longer locked; living ones and strangers' are left alone.
/// Returns the tags removed; what cannot be removed keeps its mark for the next time. Error: kEnvironment, the marks
/// cannot be locked.
Expected<std::vector<std::string>> remove_leftovers(const CgroupTree& tree, const std::filesystem::path& marks);

}  // namespace lumos
