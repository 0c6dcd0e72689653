#include "cli/plan_text.h"

#include <format>
#include <numeric>

#include "base/units.h"
#include "control/experiment/conductor.h"

namespace lumos {

std::string cell_label(const Cell& cell) {
  const auto& f = cell.factors;
  const std::string payload = f.contains("payload") && !f["payload"].is_null() ? "(" + f["payload"].dump() + ")" : "";
  std::string caches;
  for (const char* factor : {"cache", "runtime_cache"}) {
    if (f.contains(factor) && f[factor] != "memory" && !f[factor].is_null())
      caches += std::format(", {} {}", factor, f[factor].get<std::string>());
  }
  std::string links;
  for (const char* factor : {"link_client", "link_registry", "link_storage"}) {
    if (f.contains(factor) && f[factor] != kNoLink && !f[factor].is_null())
      links += std::format(", {} {}", factor, f[factor].get<std::string>());
  }
  const std::string device = f.value("device", "none");
  if (device != "none") caches += std::format(", device {} (emulated)", device);
  for (const auto& [factor, usual] :
       {std::pair("storage", "inline"), std::pair("connection", "kept"), std::pair("format", "json")}) {
    if (f.contains(factor) && f[factor] != usual && !f[factor].is_null()) caches += ", " + f[factor].get<std::string>();
  }
  const std::string neighbour = f.value("neighbour", "none");
  if (neighbour != "none") caches += ", neighbour " + neighbour;
  const std::string built = built_otherwise(f);
  return f.value("function", "?") + payload + " " + f.value("runtime", "?") + " " + (built.empty() ? "" : built + " ") +
         (cell.load ? label_of(*cell.load) : f.value("start", "?")) + caches + links;
}

namespace {

// The time for the fewest replicates of all cells, by runtime, and which cells get fewer invocations than they might.
std::string estimate_text(const Plan& plan, const TimeEstimate& estimate) {
  std::string text =
      std::format("estimated for {} replicates of every cell: {}", plan.stop.min, format_duration(estimate.total()));
  for (const auto& [runtime, time] : estimate.by_runtime)
    text += std::format(", {} {}", runtime, format_duration(time));
  text += "\n";
  if (estimate.total() > plan.stop.budget) {
    text += std::format("note: that is more than the budget of {}: the last rounds will be missing from some cells\n",
                        format_duration(plan.stop.budget));
  }
  for (const auto& [cell, invocations] : estimate.shortened) {
    text += std::format("  fewer: {}: {} of {} invocations a visit\n",
                        cell_label(plan.cells[static_cast<std::size_t>(cell)]), invocations, plan.stop.invocations);
  }
  return text;
}

}  // namespace

std::string plan_text(const Plan& plan, const std::vector<std::string>& notes, const TimeEstimate& estimate) {
  const StopRule& s = plan.stop;
  std::string text = std::format("{}: {} cells, seed {}\n", plan.name, plan.cells.size(), plan.seed);
  const CellLoad* load = plan.cells.empty() || !plan.cells[0].load ? nullptr : &*plan.cells[0].load;
  text += std::format("each: {} to {} replicates, until the 95 % interval of {} is within ±{:g} %; ", s.min, s.max,
                      s.of, s.ci * 100);
  text += load == nullptr ? std::format("a warm replicate is one instance with {} invocations\n", s.invocations)
                          : std::format("a replicate is a window of {} after {} of warm-up\n",
                                        format_duration(load->duration), format_duration(load->warmup));
  if (s.visit) {
    text += std::format(
        "a warm visit begins no further invocation after {}: at least one, and fewer where they take long\n",
        format_duration(*s.visit));
  }
  text +=
      std::format("at most {} in all, {} for one invocation\n", format_duration(s.budget), format_duration(s.timeout));
  if (plan.density > 0) {
    text += std::format("then, not counted: 1 to {} instances of each of {} deployments side by side\n", plan.density,
                        plan.deployments.size());
  }
  text += estimate_text(plan, estimate);
  for (const auto& sentence : notes) text += "note: " + sentence + "\n";
  std::vector<std::int64_t> cells(plan.cells.size());
  std::iota(cells.begin(), cells.end(), 0);
  text += "order of the first round:\n";
  for (const std::int64_t cell : round_order(plan.seed, 0, cells))
    text += "  " + cell_label(plan.cells[static_cast<std::size_t>(cell)]) + "\n";
  return text;
}

}  // namespace lumos
