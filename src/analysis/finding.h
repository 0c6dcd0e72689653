// What a run found, in one sentence.
#pragma once

#include <span>
#include <string>

#include "analysis/cells.h"

namespace lumos {

/// Failed checks first; then, of the cold groups and of the warm ones, the one whose runtimes differ most; then what
/// was proven. A ratio stands only where its interval excludes 1 and no check of either cell failed.
std::string finding(std::span<const CellSummary> cells);

}  // namespace lumos
