#include "analysis/run_summary.h"

#include <algorithm>

#include "analysis/cell_records.h"
#include "analysis/checks.h"
#include "analysis/finding.h"

namespace lumos {

bool RunSummary::failed() const { return std::ranges::any_of(cells, &CellSummary::failed); }

RunSummary summarise(const RunData& run) {
  RunSummary result{.name = run.name};
  const auto records = records_by_cell(run);
  for (const auto& of_cell : records) result.cells.push_back(summarise_cell(of_cell, run.plan.seed));
  add_ratios(result.cells);
  add_checks(run.plan.stop, records, result.cells);
  result.finding = finding(result.cells);
  return result;
}

}  // namespace lumos
