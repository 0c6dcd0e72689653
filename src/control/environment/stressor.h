// A neighbour at work: processes of its own that take CPU, memory bandwidth or disk bandwidth at a stated rate.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "host/cgroup.h"
#include "record/counters.h"
#include "record/neighbour.h"

namespace lumos {

/// Where a neighbour works.
struct StressorPlace {
  std::vector<int> cores;  // those of the instances
  CgroupTree cgroups;
  std::string cgroup;            // relative; made here, and left to whoever removes those above it
  std::filesystem::path folder;  // on the disk that is written to
};

/// The memory that its processes share with this one.
struct StressorPage;

/// Processes that work until this object is gone, and die with the calling process. They are ordinary ones: with an
/// instance on the same core each gets its share, and what the neighbour could not have it does not make up for later.
/// The caller is single-threaded.
class Stressor {
 public:
  /// Returns when it works. Error: kEnvironment, this machine has not what it needs, such as direct access to the disk.
  static Expected<std::unique_ptr<Stressor>> start(const Neighbour& neighbour, const StressorPlace& place);
  ~Stressor();
  Stressor(const Stressor&) = delete;
  Stressor& operator=(const Stressor&) = delete;

  /// What it has done since it works.
  NeighbourUse use() const;

 private:
  struct Worker {
    pid_t pid = 0;
    StressorPage* page = nullptr;
  };
  Stressor() = default;
  Expected<> add(const Neighbour& neighbour, const StressorPlace& place, const CgroupEntry& group,
                 const std::vector<int>& cores);
  std::vector<Worker> workers_;
};

}  // namespace lumos
