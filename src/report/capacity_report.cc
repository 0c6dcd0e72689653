#include "report/capacity_report.h"

#include <algorithm>
#include <cmath>
#include <format>

#include "report/results_text.h"
#include "report/text.h"

namespace lumos {
namespace {

using Json = nlohmann::ordered_json;

std::string per_s(double rate) { return std::format("{:.3g}/s", rate); }

constexpr const char* name_of(CapacityEnd end) {
  switch (end) {
    case CapacityEnd::kKnown:
      return "known";
    case CapacityEnd::kBudget:
      return "budget";
    case CapacityEnd::kNoneMeets:
      return "none_meets";
    case CapacityEnd::kAllMeet:
      return "all_meet";
  }
  return "?";
}

std::string rate_text(const Capacity& c) { return c.rate_per_s ? per_s(*c.rate_per_s) : "none"; }

std::string interval_text(const Capacity& c) {
  return std::format("[{}, {}]", std::format("{:.3g}", c.lo_per_s),
                     c.hi_per_s ? std::format("{:.3g}", *c.hi_per_s) : "…");
}

/// Why the lowest rate above the answer did not do.
std::string limit_of(const Capacity& c) {
  const CapacityProbe* next = nullptr;
  for (const auto& probe : c.probes) {
    const bool above = !probe.verdict.meets && (!c.rate_per_s || probe.rate_per_s > *c.rate_per_s);
    if (above && (next == nullptr || probe.rate_per_s < next->rate_per_s)) next = &probe;
  }
  return next == nullptr ? "" : std::format("at {}: {}", per_s(next->rate_per_s), next->verdict.reason);
}

std::vector<std::string> remarks_of(const CapacityOfCell& cell) {
  const Capacity& c = cell.capacity;
  std::vector<std::string> remarks;
  if (const std::string limit = limit_of(c); !limit.empty()) remarks.push_back(limit);
  if (c.end == CapacityEnd::kBudget)
    remarks.emplace_back("the budget ended the search before it was as narrow as asked");
  if (c.end == CapacityEnd::kAllMeet) remarks.emplace_back("every rate that was tried met the objectives");
  if (c.limited_by_generator)
    remarks.emplace_back(
        "the next rate above could not be delivered: this is a lower bound, generator and gateway are the limit");
  for (const auto& [failed, met] : c.not_monotone)
    remarks.push_back(std::format("not monotone: {} failed and {} met", per_s(failed), per_s(met)));
  return remarks;
}

std::string finding_of(const CapacityReport& report) {
  std::string text = report.note.empty() ? "" : "(" + report.note + ") ";
  text += "The largest rate with " + report.slo + ": ";
  const char* separator = "";
  for (const auto& cell : report.cells) {
    text += std::format("{}{} {}{}", separator, cell.label, rate_text(cell.capacity),
                        cell.capacity.limited_by_generator ? " at least" : "");
    separator = ", ";
  }
  return text + (report.cells.empty() ? "nothing was measured." : ".");
}

}  // namespace

bool CapacityReport::failed() const {
  return std::ranges::any_of(cells, [](const auto& cell) { return !cell.capacity.rate_per_s; });
}

std::string capacity_text(const CapacityReport& report) {
  Table table({{"cell", true}, {"rate"}, {"between", true}, {"probes"}, {"ended", true}});
  for (const auto& cell : report.cells) {
    const Capacity& c = cell.capacity;
    table.add_row({cell.label, rate_text(c), interval_text(c), std::to_string(c.probes.size()), name_of(c.end)});
  }
  std::string text = table.text(kResultsWidth) + '\n';
  text += wrap(
      "rate: the largest that was seen to meet the objectives. between: the largest that surely met them, and the "
      "smallest above the rate that surely did not. Latency of all intended requests, failed ones infinite.",
      kResultsWidth);
  for (const auto& cell : report.cells) {
    for (const auto& remark : remarks_of(cell))
      text += wrap("  " + cell.label + ", " + remark + ".", kResultsWidth, "    ");
  }
  return text + '\n' + wrap(finding_of(report), kResultsWidth);
}

std::string capacity_json(const CapacityReport& report) {
  Json cells = Json::array();
  for (const auto& cell : report.cells) {
    const Capacity& c = cell.capacity;
    Json probes = Json::array();
    for (const auto& probe : c.probes) {
      probes.push_back({{"rate_per_s", probe.rate_per_s},
                        {"meets", probe.verdict.meets},
                        {"sure", probe.verdict.sure},
                        {"delivered", probe.verdict.delivered},
                        {"reason", probe.verdict.reason.empty() ? Json(nullptr) : Json(probe.verdict.reason)},
                        {"run", probe.verdict.run}});
    }
    Json not_monotone = Json::array();
    for (const auto& [failed, met] : c.not_monotone)
      not_monotone.push_back({{"failed_per_s", failed}, {"met_per_s", met}});
    cells.push_back({{"factors", cell.factors},
                     {"rate_per_s", c.rate_per_s ? Json(*c.rate_per_s) : Json(nullptr)},
                     {"between_per_s", Json::array({c.lo_per_s, c.hi_per_s ? Json(*c.hi_per_s) : Json(nullptr)})},
                     {"ended", name_of(c.end)},
                     {"limited_by_generator", c.limited_by_generator},
                     {"not_monotone", std::move(not_monotone)},
                     {"probes", std::move(probes)}});
  }
  const Json json{{"schema", 1},
                  {"slo", report.slo},
                  {"precision", report.precision},
                  {"folder", report.folder},
                  {"interrupted", report.interrupted},
                  {"cells", std::move(cells)},
                  {"finding", finding_of(report)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace lumos
