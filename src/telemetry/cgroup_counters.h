// Reading a control group's counters, v1 and v2. Unread is nullopt, never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/fd.h"
#include "host/cgroup.h"
#include "record/counters.h"

namespace lumos {

/// The counters of one group that are read while it works, through kept descriptors (about 1 µs each). Gone with the
/// group: then every read is nullopt. One thread.
class CgroupCounters {
 public:
  static CgroupCounters open(const CgroupTree& tree, const std::string& relative);

  /// Cumulative CPU time of all its processes and of those in groups below it, ns. Exact while none of them runs; else
  /// as old as the last tick.
  std::optional<std::int64_t> cpu_usage_total_ns() const;
  /// Charged to it now.
  std::optional<std::int64_t> memory_bytes() const;
  /// Highest memory charge so far.
  std::optional<std::int64_t> memory_peak_bytes() const;

 private:
  CgroupVersion version_ = CgroupVersion::kV2;
  Fd cpu_, memory_, memory_peak_;
};

/// How long the groups above `relative`, from the root of the tree that is seen, have been throttled, ns: a group's own
/// counter does not know it. nullopt where none of them counts.
std::optional<std::int64_t> throttled_above_ns(const CgroupTree& tree, const std::string& relative);

/// What is read of a group once, at its end: throttling, its limits as the kernel has them, kills at the memory limit,
/// and block bytes where the group has them.
void read_cgroup(const CgroupTree& tree, const std::string& relative, InstanceCounters& into);

}  // namespace lumos
