// A plan for people: what a run will measure.
#pragma once

#include <string>
#include <vector>

#include "control/experiment/estimate.h"
#include "record/plan.h"

namespace lumos {

/// "fibonacci(1000000) wasm-aot simd cold": the factors that differ most, for one line.
std::string cell_label(const Cell& cell);

/// Cells, stopping rule, notes, order of the first round: what --dry-run prints.
std::string plan_text(const Plan& plan, const std::vector<std::string>& notes, const TimeEstimate& estimate);

}  // namespace lumos
