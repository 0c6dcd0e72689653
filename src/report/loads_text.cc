#include "report/loads_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <format>
#include <map>

#include "analysis/factors.h"
#include "report/cells_text.h"
#include "report/results_text.h"
#include "report/text.h"

namespace lumos {
namespace {

/// "4210", "48.3": three digits at least.
std::string per_s(double value) { return value < 100 ? std::format("{:.3g}", value) : std::format("{:.0f}", value); }

std::string rate_cell(const std::optional<Estimate>& estimate) {
  return estimate ? per_s(estimate->value) : kNotMeasured;
}

std::string rate_interval(const std::optional<Estimate>& estimate) {
  if (!estimate || !estimate->ci) return kNotMeasured;
  return std::format("[{}, {}]", per_s(std::max(0.0, estimate->ci->lo)), per_s(estimate->ci->hi));
}

/// "20 users", "50/s".
std::string level_of(const LoadSummary& load) {
  if (!load.asked.open || load.asked.rate.empty()) return label_of(load.asked);
  return load.asked.rate + "/s";
}

std::string heading_of(const CellSummary& cell) {
  std::string text = std::format("{} {}, {} load", function_label(cell.factors), cell.label(),
                                 cell.load->asked.open ? "open" : "closed");
  if (cell.load->asked.open) text += ", arrivals " + cell.load->asked.arrivals;
  return text;
}

std::vector<std::string> row_of(const CellSummary& cell) {
  const LoadSummary& load = *cell.load;
  const auto& q = cell.latency.quantiles;
  return {level_of(load),
          std::to_string(load.repetitions),
          rate_cell(load.throughput_per_s),
          rate_interval(load.throughput_per_s),
          quantile_cell(q.p50),
          interval_cell(q.p50),
          quantile_cell(q.p95),
          quantile_cell(q.p99),
          ms_cell(cell.costs.cpu_ms),
          bytes_cell(cell.costs.memory_peak_bytes),
          ratio_cell(cell, "runc"),
          ratio_cell(cell, "crun"),
          cell.failures() > 0 ? std::to_string(cell.failures()) : "",
          load.saturated ? "saturated" : ""};
}

/// What the columns mean, and those signs that the table holds.
std::string legend_of(const std::string& table) {
  std::string text =
      "right/s: right answers per second of wall time, mean over repetitions. p50, p95, p99: latency of all intended "
      "requests from the intended moment, failed ones infinite. CPU: all instances, per request. memory: peak of an "
      "instance. ×: p50 over the baseline's at the same level.";
  const std::array<std::pair<const char*, const char*>, 4> signs{
      {{"–", " – not measured, or too few for an interval."},
       {"∞", " ∞ so many failed."},
       {"≈", " ≈ the interval of the ratio contains 1."},
       {"saturated",
        " saturated: of users, no higher level has 5 % more right/s; of a rate, the backlog grows, or less than 95 % "
        "of it "
        "was answered rightly."}}};
  for (const auto& [sign, meaning] : signs) {
    if (table.contains(sign)) text += meaning;
  }
  return wrap(text, kResultsWidth);
}

}  // namespace

std::string loads_text(const RunSummary& summary) {
  std::vector<std::pair<std::string, std::vector<const CellSummary*>>> sweeps;  // in the order of their first cell
  std::map<std::string, std::size_t> index;
  for (const auto& cell : summary.cells) {
    if (!cell.load) continue;
    const auto [found, added] = index.emplace(factor_key(cell.factors, {"concurrency", "rate"}), sweeps.size());
    if (added) sweeps.emplace_back(heading_of(cell), std::vector<const CellSummary*>{});
    sweeps[found->second].second.push_back(&cell);
  }
  if (sweeps.empty()) return "";
  Table table({{"load", true},
               {"reps"},
               {"right/s"},
               {"95 % interval", true},
               {"p50"},
               {"95 % interval", true},
               {"p95"},
               {"p99"},
               {"CPU"},
               {"memory", false, true},
               {"×runc", false, true},
               {"×crun", false, true},
               {"failed"},
               {"", true}});
  for (const auto& [heading, cells] : sweeps) {
    table.add_heading(heading);
    for (const CellSummary* cell : cells) table.add_row(row_of(*cell));
  }
  const std::string text = table.text(kResultsWidth);
  return text + '\n' + legend_of(text) + '\n';
}

}  // namespace lumos
