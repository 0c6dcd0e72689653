#include "report/results_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace lumos {
namespace {

using Json = nlohmann::ordered_json;

/// Six decimals: of a ms that is the nanosecond, and it hides the last bits, in which machines may differ.
Json number(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return std::round(*value * 1e6) / 1e6;
}

Json whole(std::optional<std::int64_t> value) { return value ? Json(*value) : Json(nullptr); }

Json interval(const std::optional<Interval>& ci) {
  if (!ci || (!std::isfinite(ci->lo) && !std::isfinite(ci->hi))) return nullptr;
  return Json::array({number(ci->lo), number(ci->hi)});
}

Json latency(const LatencySummary& summary) {
  const auto& q = summary.quantiles;
  Json result{{"n", q.samples}, {"replicates", q.replicates}, {"mean", number(summary.mean)}};
  const auto add = [&](const std::string& name, const std::optional<Estimate>& estimate) {
    result[name] = estimate ? number(estimate->value) : Json(nullptr);
    result[name + "_ci"] = estimate ? interval(estimate->ci) : Json(nullptr);
  };
  add("p50", q.p50);
  add("p95", q.p95);
  add("p99", q.p99);
  return result;
}

Json named(const NamedMs& parts) {
  Json result = Json::object();
  for (const auto& [name, ms] : parts) result[name] = number(ms);
  return result;
}

Json ratios(const CellSummary& cell) {
  Json result = Json::object();
  for (const auto& [baseline, ratio] : cell.ratio_to) {
    result[baseline] = ratio ? Json{{"p50", number(ratio->value)}, {"ci", interval(ratio->ci)}} : Json(nullptr);
  }
  return result;
}

Json metrics(const CellSummary& cell) {
  const PhaseSummary& phases = cell.phases;
  return {{"latency_ms", latency(cell.latency)},
          {"latency_ok_ms", latency(cell.latency_ok)},
          {"cpu_ms", number(cell.costs.cpu_ms)},
          {"cpu_launch_ms", number(cell.costs.cpu_launch_ms)},
          {"memory_peak_bytes", whole(cell.costs.memory_peak_bytes)},
          {"image_bytes", whole(cell.image_bytes)},
          {"artefact_bytes", whole(cell.artefact_bytes)},
          {"phases_ms", named(phases.phases)},
          {"spans_ms", named(phases.spans)},
          {"residual_ms", {{"p50", number(phases.residual_p50_ms)}, {"p99", number(phases.residual_p99_ms)}}},
          {"ratio_to", ratios(cell)}};
}

Json cell_json(const CellSummary& cell) {
  Json outcomes = Json::object();
  for (const auto& [outcome, count] : cell.outcomes) outcomes[std::string(name_of(outcome))] = count;
  Json checks = Json::array();
  for (const auto& check : cell.checks) {
    checks.push_back({{"name", check.name}, {"status", name_of(check.status)}, {"detail", check.detail}});
  }
  return {{"factors", cell.factors},
          {"metrics", metrics(cell)},
          {"derived", cell.traits},
          {"outcomes", std::move(outcomes)},
          {"checks", std::move(checks)}};
}

}  // namespace

std::string results_json(const RunSummary& summary) {
  Json cells = Json::array();
  for (const auto& cell : summary.cells) cells.push_back(cell_json(cell));
  const Json result{{"schema", 1}, {"run", summary.name}, {"cells", std::move(cells)}, {"finding", summary.finding}};
  return result.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace lumos
