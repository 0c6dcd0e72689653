#include "report/results_text.h"

#include <algorithm>
#include <cmath>
#include <format>

#include "analysis/groups.h"
#include "analysis/wording.h"
#include "report/cells_text.h"
#include "report/checks_text.h"
#include "report/density_text.h"
#include "report/loads_text.h"
#include "report/text.h"

namespace lumos {
namespace {

std::string table_of(const RunSummary& summary) {
  const auto is_shown = [](const CellSummary& cell) { return !cell.load; };  // loads have a table of their own
  if (std::ranges::none_of(summary.cells, is_shown)) return "";
  const bool failures = std::ranges::any_of(
      summary.cells, [&](const CellSummary& cell) { return is_shown(cell) && cell.failures() > 0; });
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
    if (!is_shown(*group.cells.front())) continue;
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
    if (!table.empty()) text += table + '\n' + legend_of(table) + '\n';
    text += loads_text(summary) + checks_text(summary) + '\n' + density_text(summary.density);
  }
  return text + wrap(summary.finding, kResultsWidth);
}

}  // namespace lumos
