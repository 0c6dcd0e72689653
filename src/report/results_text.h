// `results RUN`: the table for people.
#pragma once

#include <cstddef>
#include <string>

#include "analysis/run_summary.h"

namespace lumos {

inline constexpr std::size_t kResultsWidth = 120;

/// A row per runtime under a heading per function, payload and start; then what the columns mean, the checks that did
/// not pass, and the finding. No line is wider than kResultsWidth.
std::string results_text(const RunSummary& summary);

}  // namespace lumos
