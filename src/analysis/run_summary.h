// Everything that is said about a run.
#pragma once

#include <string>
#include <vector>

#include "analysis/cells.h"
#include "analysis/density.h"
#include "record/run_data.h"

namespace lumos {

struct RunSummary {
  std::string name;
  std::string note;                // what the backend says its numbers are, such as scripted; empty = measured
  std::string history;             // how it ended, when not by having measured enough; empty otherwise
  std::vector<CellSummary> cells;  // in plan order, with ratios and checks
  std::vector<DensitySummary> density;
  std::string finding;  // begins with the note, so that nobody quotes it as measured

  /// Whether any check failed: the CLI then ends with ErrorCode::kMeasuredFailure.
  bool failed() const;
};

/// Pure: the same run gives the same summary, its intervals included.
RunSummary summarise(const RunData& run);

}  // namespace lumos
