// What instances and the machine did while a cell was measured.
#pragma once

#include <cstdint>
#include <optional>

#include "analysis/cell_records.h"

namespace lumos {

/// The windows of a cell's visits, added up. nullopt = not read.
struct Surroundings {
  std::optional<double> steal_share;            // of the CPU time that the machine asked for
  std::optional<std::int64_t> steal_ns;         // the same in all
  std::optional<double> other_load_share;       // CPU used by others than Lumos and its instances, in cores
  std::optional<std::int64_t> other_ns;         // the same in all; at least 0
  std::optional<std::int64_t> throttled_ns;     // of the control groups above the instances
  std::optional<double> cpu_pressure_share;     // of the time in which some task of the machine waited for a core
  std::optional<double> memory_pressure_share;  // … for memory
  std::optional<std::int64_t> frequency_khz;    // mean over visits
};

Surroundings surroundings_of(const CellRecords& records);

/// Of each counter the median over the instances that have it.
InstanceCounters median_counters(const CellRecords& records);

}  // namespace lumos
