#include "analysis/run_summary.h"

#include <algorithm>
#include <format>

#include "analysis/cell_records.h"
#include "analysis/checks.h"
#include "analysis/factors.h"
#include "analysis/finding.h"
#include "analysis/wording.h"

namespace lumos {
namespace {

/// {"backend":{"name":…,"note":…}} as "fake backend, scripted durations: nothing was measured"; "" without a note.
std::string note_of(const nlohmann::ordered_json& manifest) {
  const auto backend = manifest.find("backend");
  if (backend == manifest.end()) return "";
  const auto text = backend->find("note");
  const std::string note = text != backend->end() && text->is_string() ? one_line(text->get<std::string>()) : "";
  return note.empty() ? "" : std::format("{} backend, {}", factor_text(*backend, "name"), note);
}

/// From the events of the run: the last end that it came to.
std::string history_of(const std::vector<std::pair<std::string, std::string>>& events) {
  std::string text = "It was ended from outside before it had measured enough; --resume goes on with it.";
  std::string unmeasured;  // of instances side by side
  for (const auto& [kind, detail] : events) {
    if (kind == "density") unmeasured += " " + one_line(detail, 400) + ".";
    if (kind == "broken") text = "It broke: " + one_line(detail, 400);
    if (kind != "end") continue;
    text = detail == "budget"        ? "Its budget ended it before every interval was as narrow as asked."
           : detail == "interrupted" ? "It was interrupted; --resume goes on with it."
                                     : "";
  }
  if (!unmeasured.empty()) text += (text.empty() ? "Not measured:" : " Not measured:") + unmeasured;
  return text;
}

}  // namespace

bool RunSummary::failed() const { return std::ranges::any_of(cells, &CellSummary::failed); }

RunSummary summarise(const RunData& run) {
  RunSummary result{.name = run.name, .note = note_of(run.manifest), .history = history_of(run.events)};
  const auto records = records_by_cell(run);
  for (const auto& of_cell : records) result.cells.push_back(summarise_cell(of_cell, run.plan.seed));
  add_ratios(result.cells);
  mark_saturation(result.cells);
  add_checks(run, records, result.cells);
  result.density = density_of(run);
  result.finding = (result.note.empty() ? "" : "(" + result.note + ") ") + finding(result.cells);
  return result;
}

}  // namespace lumos
