// The `scaling` of an experiment out of YAML.
#pragma once

#include <cstdint>
#include <vector>

#include "record/scaling.h"
#include "workload/yaml.h"

namespace lumos {

/// How many instances at most an experiment may ask for.
inline constexpr std::int64_t kMostInstances = 256;

/// Scaling with its two factors: which instance gets a request, and how many at a time one gets.
struct ScalingFactors {
  Scaling scaling;  // `routing` and `container_concurrency` are those of the first of the lists
  std::vector<Routing> routing{Routing::kMostRecentlyUsed};
  std::vector<std::int64_t> container_concurrency{1};

  bool operator==(const ScalingFactors&) const = default;

  /// One for each combination of the two.
  std::vector<Scaling> all() const;
};

/// Reads the map. Error: kUsage, "FILE:LINE:COLUMN: message".
Expected<ScalingFactors> read_scaling(const YamlNode& node);

}  // namespace lumos
