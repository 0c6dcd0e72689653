// What one more instance of a deployment takes of the machine's memory, and what the first brings for all.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "record/run_data.h"

namespace lumos {

/// A straight line through memory over instances, from one on: least squares in each repetition, the median over them.
/// The range is that of the repetitions: too few for an interval.
struct MemoryLine {
  double bytes_per_instance = 0, least = 0, most = 0;
  double bytes_shared = 0;  // where it meets no instance: what is there once for all
};

struct DensitySummary {
  nlohmann::ordered_json factors;  // function, runtime, variant of the build
  std::size_t repetitions = 0;
  /// Medians over repetitions, by number of instances from 1; host: what the machine had less than before the first.
  struct Row {
    std::int64_t instances = 0;
    std::optional<std::int64_t> pss_bytes, memory_bytes, host_bytes;
  };
  std::vector<Row> rows;
  std::optional<MemoryLine> pss, memory, host;  // nullopt: unread, or fewer than two numbers of instances

  std::string label() const;  // "noop crun debian-slim"
};

/// One entry for each deployment that has points, in the plan's order.
std::vector<DensitySummary> density_of(const RunData& run);

}  // namespace lumos
