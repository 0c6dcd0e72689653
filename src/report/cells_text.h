// What stands in a table's cell. Internal to src/report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/cells.h"

namespace lumos {

inline constexpr const char* kNotMeasured = "–";

std::string ms_cell(std::optional<double> ms);
std::string bytes_cell(std::optional<std::int64_t> bytes);
/// A quantile in ms.
std::string quantile_cell(const std::optional<Estimate>& estimate);
/// "[11.9, 13.0]" in the unit that the value itself, of so many ms, is shown in.
std::string interval_cell(const std::optional<Estimate>& estimate);
/// "3.24"; "≈1.02" when its interval contains 1, "1.02?" when it has none; "" where a cell would be compared with
/// itself.
std::string ratio_cell(const CellSummary& cell, const std::string& baseline);

}  // namespace lumos
