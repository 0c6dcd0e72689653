// Cells that differ in what instances are made of alone, to be shown side by side.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/cells.h"

namespace lumos {

struct Group {
  std::string label;  // "fibonacci(1000000) warm", then the other factors that vary over the cells: ", format cbor"
  std::vector<const CellSummary*> cells;  // in plan order
};

/// In the order of their first cell. Points into `cells`.
std::vector<Group> groups_of(std::span<const CellSummary> cells);

/// The factors beyond function, payload, runtime and start that are the same in all cells they apply to: name, value.
std::vector<std::pair<std::string, std::string>> constant_factors(std::span<const CellSummary> cells);

}  // namespace lumos
