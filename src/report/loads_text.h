// The loads of a run as text.
#pragma once

#include <string>

#include "analysis/run_summary.h"

namespace lumos {

/// A row per level under a heading per function and runtime, then what the columns mean; "" of a run without loads. No
/// line is wider than kResultsWidth.
std::string loads_text(const RunSummary& summary);

}  // namespace lumos
