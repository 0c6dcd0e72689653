// `results RUN --phases`: where the time went.
#pragma once

#include <string>

#include "analysis/run_summary.h"

namespace lumos {

/// Per group a table with a row per phase and a column per runtime: mean ms over the successful samples. The rows, the
/// residual among them, add up to the last one, the mean latency.
std::string phases_text(const RunSummary& summary);

}  // namespace lumos
