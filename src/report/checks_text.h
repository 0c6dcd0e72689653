// The checks of a run as text.
#pragma once

#include <string>

#include "analysis/run_summary.h"

namespace lumos {

/// What did not pass, what failed first. Verdicts of several cells that differ in nothing but their numbers are one
/// entry, with the range of each number: "noop cold runc and 18 more cells, steal: … used 92–191 % of a core." Lines
/// are at most kResultsWidth wide; ends in '\n'.
std::string checks_text(const RunSummary& summary);

}  // namespace lumos
