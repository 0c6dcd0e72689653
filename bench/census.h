// What the processes of a run hold at one moment: to see what grows over many instances.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "host/cgroup.h"
#include "telemetry/kernel_text.h"

namespace lumos::bench {

/// Name → number. Names of memory end in " bytes": they may breathe; of everything else the same must be there at any
/// two quiet moments.
using Census = std::map<std::string, std::int64_t>;

namespace census {

namespace fs = std::filesystem;

inline std::int64_t entries(const fs::path& folder) {
  std::error_code error;
  return std::distance(fs::directory_iterator(folder, error), fs::directory_iterator());
}

inline std::int64_t lines(const fs::path& file) { return std::ranges::count(read_kernel_file(file.string()), '\n'); }

/// The process and all below it, parents first.
inline std::vector<pid_t> with_descendants(pid_t pid) {
  std::vector<pid_t> pids{pid};
  for (std::size_t i = 0; i < pids.size(); ++i) {
    std::istringstream children(read_kernel_file(std::format("/proc/{}/task/{}/children", pids[i], pids[i])));
    for (pid_t child = 0; children >> child;) pids.push_back(child);
  }
  return pids;
}

inline std::int64_t groups_below(const CgroupTree& tree, const std::string& relative) {
  std::int64_t count = 0;
  for (const auto& folder : tree.folders_everywhere(relative)) {
    std::error_code error;
    for (auto it = fs::recursive_directory_iterator(folder, error); !error && it != fs::end(it); it.increment(error))
      count += it->is_directory(error) ? 1 : 0;
  }
  return count;
}

}  // namespace census

/// Of this process and those below it: `names` are theirs, in the order in which they were started. `group` is the
/// parent of every control group of the run.
inline Census take_census(const std::vector<std::string>& names, const CgroupTree& tree, const std::string& group) {
  Census result;
  const auto pids = census::with_descendants(::getpid());
  result["processes"] = static_cast<std::int64_t>(pids.size());
  std::set<std::string> namespaces;
  for (std::size_t i = 0; i < pids.size(); ++i) {
    const std::filesystem::path proc = std::format("/proc/{}", pids[i]);
    const std::string name = i < names.size() ? names[i] : std::format("process {}", i);
    result[name + " descriptors"] = census::entries(proc / "fd");
    result[name + " threads"] = census::entries(proc / "task");
    result[name + " mounts"] = census::lines(proc / "mountinfo");
    result[name + " memory bytes"] =
        number_after(read_kernel_file((proc / "status").string()), "RssAnon:").value_or(0) * 1024;
    std::error_code error;
    for (const auto& kind : std::filesystem::directory_iterator(proc / "ns", error))
      namespaces.insert(std::filesystem::read_symlink(kind.path(), error).string());
  }
  result["namespaces"] = static_cast<std::int64_t>(namespaces.size());
  result["control groups"] = census::groups_below(tree, group);
  return result;
}

}  // namespace lumos::bench
