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

/// Two counters that belong together; null when neither was read.
Json pair_of(const char* first_name, std::optional<std::int64_t> first, const char* second_name,
             std::optional<std::int64_t> second) {
  if (!first && !second) return nullptr;
  return {{first_name, whole(first)}, {second_name, whole(second)}};
}

/// What was read of instances at their end, and of the machine meanwhile.
void add_telemetry(Json& metrics, const CellSummary& cell) {
  const InstanceCounters& c = cell.counters;
  const Surroundings& around = cell.surroundings;
  metrics["context_switches"] =
      pair_of("voluntary", c.context_switches_voluntary, "involuntary", c.context_switches_involuntary);
  metrics["page_faults"] = pair_of("minor", c.page_faults_minor, "major", c.page_faults_major);
  metrics["pss_bytes"] = whole(c.pss_bytes);
  metrics["memory_bytes"] = whole(c.memory_bytes);
  metrics["network_bytes"] = pair_of("received", c.network_receive_bytes, "sent", c.network_send_bytes);
  metrics["block_bytes"] = pair_of("read", c.block_read_bytes, "written", c.block_write_bytes);
  metrics["throttled_ms"] =
      number(c.throttled_ns.transform([](std::int64_t ns) { return static_cast<double>(ns) / 1e6; }));
  metrics["steal_share"] = number(around.steal_share);
  metrics["other_load_share"] = number(around.other_load_share);
  metrics["cpu_pressure_share"] = number(around.cpu_pressure_share);
  metrics["memory_pressure_share"] = number(around.memory_pressure_share);
  metrics["frequency_khz"] = whole(around.frequency_khz);
}

/// Phase → step → what it takes of the phase.
Json anatomy_json(const std::optional<Anatomy>& anatomy) {
  if (!anatomy) return nullptr;
  Json phases = Json::object();
  for (const auto& part : anatomy->parts) {
    phases[part.phase][part.step] = {
        {"ms", number(part.ms)}, {"share", number(part.share)}, {"cpu_ms", number(part.cpu_ms)}};
  }
  const auto& slowdown = anatomy->slowdown;
  return {
      {"starts", anatomy->starts},
      {"probed", anatomy->probed},
      {"slowdown", slowdown ? Json{{"p50", number(slowdown->value)}, {"ci", interval(slowdown->ci)}} : Json(nullptr)},
      {"phases", std::move(phases)}};
}

/// Of a cell that has a load: what was asked, what came, how sure the generator is of it.
Json load_json(const CellSummary& cell) {
  if (!cell.load) return nullptr;
  const LoadSummary& l = *cell.load;
  Json starts = Json::object();
  for (const auto& [start, name] : Names<Start>::kTable)
    starts[std::string(name)] = l.starts[static_cast<std::size_t>(start)];
  Json growth = nullptr;
  if (l.backlog) {
    growth = {{"mean", number(l.backlog->mean.value)},
              {"ci", interval(l.backlog->mean.ci)},
              {"probability", number(l.backlog->probability)},
              {"grows", l.backlog->grows}};
  }
  return {{"requests", l.requests},
          {"asked_per_s", number(l.asked_per_s)},
          {"reached_per_s", number(l.reached_per_s)},
          {"starts", std::move(starts)},
          {"schedule_error_us", {{"p50", number(l.schedule_error_p50_us)}, {"p99", number(l.schedule_error_p99_us)}}},
          {"generator_share", number(l.generator_share)},
          {"core_busy_share", number(l.core_busy_share)},
          {"backlog_end", number(l.backlog_end)},
          {"backlog_growth", std::move(growth)},
          {"saturated", l.saturated},
          {"saturation", l.saturated ? Json(l.saturation) : Json(nullptr)}};
}

Json metrics(const CellSummary& cell) {
  const PhaseSummary& phases = cell.phases;
  const auto throughput = cell.load ? cell.load->throughput_per_s : std::nullopt;
  Json result{{"latency_ms", latency(cell.latency)},
              {"latency_ok_ms", latency(cell.latency_ok)},
              {"throughput_per_s", throughput ? number(throughput->value) : Json(nullptr)},
              {"throughput_per_s_ci", throughput ? interval(throughput->ci) : Json(nullptr)},
              {"cpu_ms", number(cell.costs.cpu_ms)},
              {"cpu_launch_ms", number(cell.costs.cpu_launch_ms)},
              {"memory_peak_bytes", whole(cell.costs.memory_peak_bytes)},
              {"image_bytes", whole(cell.image_bytes)},
              {"artefact_bytes", whole(cell.artefact_bytes)},
              {"phases_ms", named(phases.phases)},
              {"spans_ms", named(phases.spans)},
              {"residual_ms", {{"p50", number(phases.residual_p50_ms)}, {"p99", number(phases.residual_p99_ms)}}},
              {"anatomy", anatomy_json(cell.anatomy)},
              {"load", load_json(cell)},
              {"ratio_to", ratios(cell)}};
  add_telemetry(result, cell);
  return result;
}

Json line_json(const std::optional<MemoryLine>& line) {
  if (!line) return nullptr;
  const auto bytes = [](double value) { return static_cast<std::int64_t>(std::llround(value)); };
  return {{"each", bytes(line->bytes_per_instance)},
          {"each_range", Json::array({bytes(line->least), bytes(line->most)})},
          {"once", bytes(line->bytes_shared)}};
}

Json density_json(const DensitySummary& density) {
  Json rows = Json::array();
  for (const auto& row : density.rows) {
    rows.push_back({{"instances", row.instances},
                    {"pss_bytes", whole(row.pss_bytes)},
                    {"memory_bytes", whole(row.memory_bytes)},
                    {"host_bytes", whole(row.host_bytes)}});
  }
  return {{"factors", density.factors},
          {"repetitions", density.repetitions},
          {"points", std::move(rows)},
          {"pss_bytes", line_json(density.pss)},
          {"memory_bytes", line_json(density.memory)},
          {"host_bytes", line_json(density.host)}};
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
  Json density = Json::array();
  for (const auto& of_deployment : summary.density) density.push_back(density_json(of_deployment));
  const Json result{{"schema", 1},
                    {"run", summary.name},
                    {"cells", std::move(cells)},
                    {"density", std::move(density)},
                    {"finding", summary.finding}};
  return result.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace lumos
