#include "report/results_text.h"

#include <algorithm>
#include <cmath>
#include <format>

#include "analysis/groups.h"
#include "analysis/wording.h"
#include "base/units.h"
#include "report/checks_text.h"
#include "report/density_text.h"
#include "report/text.h"

namespace lumos {
namespace {

constexpr const char* kNotMeasured = "–";

std::string ms_cell(std::optional<double> ms) { return ms ? format_ms(*ms) : kNotMeasured; }

std::string bytes_cell(std::optional<std::int64_t> bytes) { return bytes ? format_bytes(*bytes) : kNotMeasured; }

std::string quantile_cell(const std::optional<Estimate>& estimate) {
  return ms_cell(estimate.transform([](const Estimate& e) { return e.value; }));
}

/// "[11.9, 13.0]" in the unit that the value itself is shown in.
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

/// "3.24"; "≈1.02" when its interval contains 1, "1.02?" when it has none; "" where a cell would be compared with
/// itself.
std::string ratio_cell(const CellSummary& cell, const std::string& baseline) {
  const auto found = std::ranges::find(cell.ratio_to, baseline, [](const auto& entry) { return entry.first; });
  if (found == cell.ratio_to.end()) return "";
  const auto& ratio = found->second;
  if (!ratio) return kNotMeasured;
  const std::string number = format_ratio(ratio->value);
  return !ratio->ci ? number + "?" : ratio->ci->contains(1) ? "≈" + number : number;
}

std::string table_of(const RunSummary& summary) {
  const bool failures = std::ranges::any_of(summary.cells, [](const CellSummary& cell) { return cell.failures() > 0; });
  std::vector<Column> columns{{"runtime", true},
                              {"n"},
                              {"reps"},
                              {"p50"},
                              {"95 % interval", true},
                              {"p95"},
                              {"CPU"},
                              {"launch", false, true},
                              {"memory"},
                              {"image", false, true},
                              {"×runc"},
                              {"×crun"}};
  if (failures) columns.push_back({"failed"});
  Table table(std::move(columns));
  for (const auto& group : groups_of(summary.cells)) {
    table.add_heading(group.label);
    for (const CellSummary* cell : group.cells) {
      const auto& q = cell->latency.quantiles;
      std::vector<std::string> row{cell->label(),
                                   std::to_string(q.samples),
                                   std::to_string(q.replicates),
                                   quantile_cell(q.p50),
                                   interval_cell(q.p50),
                                   quantile_cell(q.p95),
                                   ms_cell(cell->costs.cpu_ms),
                                   ms_cell(cell->costs.cpu_launch_ms),
                                   bytes_cell(cell->costs.memory_peak_bytes),
                                   bytes_cell(cell->image_bytes),
                                   ratio_cell(*cell, "runc"),
                                   ratio_cell(*cell, "crun")};
      if (failures) row.push_back(cell->failures() > 0 ? std::to_string(cell->failures()) : "");
      table.add_row(std::move(row));
    }
  }
  return table.text(kResultsWidth);
}

/// What the columns mean, and those signs that the table holds.
std::string legend_of(const std::string& table) {
  std::string text =
      "p50, p95: latency of all intended requests, failed ones infinite. CPU: the instance, per invocation; launch: "
      "CPU of the "
      "OCI runtime and its helpers, per instance. memory: peak of the instance. image: compressed. ×: p50 over the "
      "baseline's.";
  const std::array<std::pair<const char*, const char*>, 4> signs{
      {{"–", " – not measured, or too few for an interval."},
       {"∞", " ∞ so many failed."},
       {"≈", " ≈ the interval of the ratio contains 1: no difference shown."},
       {"?", " ? too few replicates to compare."}}};
  for (const auto& [sign, meaning] : signs) {
    if (table.contains(sign)) text += meaning;
  }
  return wrap(text, kResultsWidth);
}

std::string head_of(const RunSummary& summary) {
  std::string text = std::format("Run {}: {} cell{}", one_line(summary.name), summary.cells.size(),
                                 summary.cells.size() == 1 ? "" : "s");
  const char* separator = ", all with ";
  for (const auto& [name, value] : constant_factors(summary.cells)) {
    text += std::format("{}{} {}", separator, name, value.empty() ? "none" : value);
    separator = ", ";
  }
  if (!summary.note.empty()) text += "; " + summary.note;
  return wrap(text + "." + (summary.history.empty() ? "" : " " + summary.history), kResultsWidth);
}

}  // namespace

std::string results_text(const RunSummary& summary) {
  std::string text = head_of(summary) + '\n';
  if (!summary.cells.empty()) {
    const std::string table = table_of(summary);
    text += table + '\n' + legend_of(table) + '\n' + checks_text(summary) + '\n' + density_text(summary.density);
  }
  return text + wrap(summary.finding, kResultsWidth);
}

}  // namespace lumos
