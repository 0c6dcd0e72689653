#include "report/phases_text.h"

#include <algorithm>

#include "analysis/groups.h"
#include "report/results_text.h"
#include "report/text.h"

namespace lumos {
namespace {

// Every phase of any of the cells, in the order of an invocation's life.
std::vector<std::string> phase_names(const Group& group) {
  std::vector<std::string> names;
  for (const CellSummary* cell : group.cells) {
    std::size_t place = 0;
    for (const auto& [name, ms] : cell->phases.mean_phases) {
      auto found = std::ranges::find(names, name);
      if (found == names.end()) found = names.insert(names.begin() + static_cast<std::ptrdiff_t>(place), name);
      place = static_cast<std::size_t>(found - names.begin()) + 1;
    }
  }
  return names;
}

std::string milliseconds(std::optional<double> ms) { return ms ? std::format("{:.3f}", *ms) : "–"; }

std::optional<double> mean_of(const CellSummary& cell, const std::string& phase) {
  for (const auto& [name, ms] : cell.phases.mean_phases) {
    if (name == phase) return ms;
  }
  return std::nullopt;
}

std::string table_of(const Group& group) {
  std::vector<Column> columns{{.title = "  phase, mean ms", .left = true}};
  for (const CellSummary* cell : group.cells) columns.push_back({.title = cell->label()});
  Table table(columns);
  const auto add = [&](const std::string& name, const auto& value) {
    std::vector<std::string> row{"  " + name};
    for (const CellSummary* cell : group.cells) row.push_back(milliseconds(value(*cell)));
    table.add_row(row);
  };
  for (const auto& name : phase_names(group)) add(name, [&](const CellSummary& c) { return mean_of(c, name); });
  add("residual", [](const CellSummary& c) { return c.phases.mean_residual_ms; });
  add("= latency", [](const CellSummary& c) { return c.phases.mean_latency_ms; });
  return table.text(kResultsWidth);
}

}  // namespace

std::string phases_text(const RunSummary& summary) {
  std::string text;
  for (const auto& group : groups_of(summary.cells)) text += group.label + "\n" + table_of(group) + "\n";
  return text;
}

}  // namespace lumos
