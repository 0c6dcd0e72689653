#include "report/cells_text.h"

#include <algorithm>
#include <cmath>
#include <format>

#include "analysis/wording.h"
#include "base/units.h"

namespace lumos {

std::string ms_cell(std::optional<double> ms) { return ms ? format_ms(*ms) : kNotMeasured; }

std::string bytes_cell(std::optional<std::int64_t> bytes) { return bytes ? format_bytes(*bytes) : kNotMeasured; }

std::string quantile_cell(const std::optional<Estimate>& estimate) {
  return ms_cell(estimate.transform([](const Estimate& e) { return e.value; }));
}

std::string interval_cell(const std::optional<Estimate>& estimate) {
  if (!estimate || !estimate->ci) return kNotMeasured;
  const double ns = estimate->value * 1e6;
  const double unit_ms = !std::isfinite(ns) || ns >= 1e9 ? 1e3 : ns >= 1e6 ? 1 : ns >= 1e3 ? 1e-3 : 1e-6;
  const auto end = [&](double ms) -> std::string {
    if (!std::isfinite(ms)) return "∞";
    const double value = ms / unit_ms;
    return std::format("{:.{}f}", value, value < 10 ? 2 : value < 100 ? 1 : 0);
  };
  return std::format("[{}, {}]", end(estimate->ci->lo), end(estimate->ci->hi));
}

std::string ratio_cell(const CellSummary& cell, const std::string& baseline) {
  const auto found = std::ranges::find(cell.ratio_to, baseline, [](const auto& entry) { return entry.first; });
  if (found == cell.ratio_to.end()) return "";
  const auto& ratio = found->second;
  if (!ratio) return kNotMeasured;
  const std::string number = format_ratio(ratio->value);
  return !ratio->ci ? number + "?" : ratio->ci->contains(1) ? "≈" + number : number;
}

}  // namespace lumos
