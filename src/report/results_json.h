// `results RUN --json`: the pinned shape of docs/formats/results.md, for programs.
#pragma once

#include <string>

#include "analysis/run_summary.h"

namespace lumos {

/// {"schema":1,"run":…,"cells":[…],"finding":…}, indented, with a final newline. Not measured, and infinite, is null;
/// so is an interval of which both ends are. Times in ms, rounded to the nanosecond. Invalid UTF-8 of others is
/// replaced, not refused.
std::string results_json(const RunSummary& summary);

}  // namespace lumos
