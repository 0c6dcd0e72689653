// Everything that is said about a run.
#pragma once

#include <string>
#include <vector>

#include "analysis/cells.h"
#include "record/run_data.h"

namespace lumos {

struct RunSummary {
  std::string name;
  std::vector<CellSummary> cells;  // in plan order, with ratios and checks
  std::string finding;

  /// Whether any check failed: the CLI then ends with ErrorCode::kMeasuredFailure.
  bool failed() const;
};

/// Pure: the same run gives the same summary, its intervals included.
RunSummary summarise(const RunData& run);

}  // namespace lumos
