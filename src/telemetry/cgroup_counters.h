// Reading a control group's counters through kept descriptors (about 1 µs each). Unread is nullopt, never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/fd.h"
#include "host/cgroup.h"

namespace lumos {

/// The counters of one group. Gone with the group: then every read is nullopt. One thread.
class CgroupCounters {
 public:
  static CgroupCounters open(const CgroupTree& tree, const std::string& relative);

  /// Cumulative CPU time of all its processes, ns. Exact while none of them runs; else as old as the last tick.
  std::optional<std::int64_t> cpu_usage_total_ns() const;
  /// Highest memory charge so far.
  std::optional<std::int64_t> memory_peak_bytes() const;

 private:
  CgroupVersion version_ = CgroupVersion::kV2;
  Fd cpu_, memory_peak_;
};

}  // namespace lumos
