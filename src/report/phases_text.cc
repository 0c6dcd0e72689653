#include "report/phases_text.h"

#include <algorithm>
#include <set>

#include "analysis/groups.h"
#include "analysis/wording.h"
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

// The steps of a phase that any of the cells has, in their order, then what none of them has.
std::vector<std::string> step_names(const Group& group, const std::string& phase) {
  std::set<std::string> found;
  for (const CellSummary* cell : group.cells) {
    if (!cell->anatomy) continue;
    for (const auto& part : cell->anatomy->parts) {
      if (part.phase == phase) found.insert(part.step);
    }
  }
  std::vector<std::string> names;
  for (const auto& [step, name] : Names<Step>::kTable) {
    if (found.contains(std::string(name))) names.emplace_back(name);
  }
  if (!names.empty()) names.emplace_back("rest");
  return names;
}

std::optional<double> mean_of(const CellSummary& cell, const std::string& phase, const std::string& step) {
  if (!cell.anatomy) return std::nullopt;
  for (const auto& part : cell.anatomy->parts) {
    if (part.phase == phase && part.step == step) return part.ms;
  }
  return std::nullopt;
}

std::string table_of(const Group& group) {
  std::vector<Column> columns{{.title = "  phase, mean ms", .left = true}};
  for (const CellSummary* cell : group.cells) columns.push_back({.title = cell->label()});
  Table table(columns);
  const auto add = [&](const std::string& name, const auto& value, const char* absent = "–") {
    std::vector<std::string> row{"  " + name};
    for (const CellSummary* cell : group.cells) {
      const std::optional<double> ms = value(*cell);
      row.push_back(ms ? milliseconds(ms) : absent);
    }
    table.add_row(row);
  };
  for (const auto& name : phase_names(group)) {
    add(name, [&](const CellSummary& c) { return mean_of(c, name); });
    for (const auto& step : step_names(group, name))
      add("  " + step, [&](const CellSummary& c) { return mean_of(c, name, step); }, "");
  }
  add("residual", [](const CellSummary& c) { return c.phases.mean_residual_ms; });
  add("= latency", [](const CellSummary& c) { return c.phases.mean_latency_ms; });
  return table.text(kResultsWidth);
}

// "wasm-aot: steps by 6 probed starts beside these, their p50 1.03 × [0.97, 1.08]; CPU of libraries 13.2 ms, …".
std::string probes_of(const CellSummary& cell) {
  if (!cell.anatomy || !cell.anatomy->probed) return "";
  const Anatomy& a = *cell.anatomy;
  std::string text =
      std::format("  {}: steps as the shares that {} probed starts beside these had", cell.label(), a.starts);
  if (a.slowdown) {
    text += std::format(", p50 {} × theirs", format_ratio(a.slowdown->value));
    if (a.slowdown->ci)
      text += std::format(" [{}, {}]", format_ratio(a.slowdown->ci->lo), format_ratio(a.slowdown->ci->hi));
  }
  const char* separator = "; CPU of ";
  for (const auto& part : a.parts) {
    if (!part.cpu_ms) continue;
    text += std::format("{}{} {}", separator, part.step, format_ms(*part.cpu_ms));
    separator = ", ";
  }
  return wrap(text + ".", kResultsWidth, "    ");
}

}  // namespace

std::string phases_text(const RunSummary& summary) {
  std::string text;
  for (const auto& group : groups_of(summary.cells)) {
    text += group.label + "\n" + table_of(group);
    for (const CellSummary* cell : group.cells) text += probes_of(*cell);
    text += "\n";
  }
  return text;
}

}  // namespace lumos
