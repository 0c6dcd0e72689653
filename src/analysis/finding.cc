#include "analysis/finding.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <map>

#include "analysis/factors.h"
#include "analysis/groups.h"
#include "analysis/wording.h"

namespace lumos {
namespace {

std::string join(const std::vector<std::string>& parts, const char* separator) {
  std::string result;
  for (const auto& part : parts) result += (result.empty() ? "" : separator) + part;
  return result;
}

/// A ratio to a baseline that may be spoken of: it has an interval, and neither cell failed a check.
struct Comparison {
  std::string baseline;
  Estimate ratio;
  bool told_apart() const { return !ratio.ci->contains(1); }
};

std::vector<Comparison> comparisons_of(const CellSummary& cell, const Group& group) {
  std::vector<Comparison> result;
  if (cell.failed()) return result;
  for (const auto& [baseline, ratio] : cell.ratio_to) {
    const CellSummary* other = counterpart(cell, baseline, group.cells);
    if (ratio && ratio->ci && other != nullptr && !other->failed()) result.push_back({baseline, *ratio});
  }
  return result;
}

/// How far apart its runtimes are: the largest |log ratio| that is told apart.
double spread_of(const Group& group) {
  double spread = 0;
  for (const CellSummary* cell : group.cells) {
    for (const auto& comparison : comparisons_of(*cell, group)) {
      if (comparison.told_apart()) spread = std::max(spread, std::abs(std::log(comparison.ratio.value)));
    }
  }
  return spread;
}

/// "wasm-aot 46.0 ms (3.83 × runc, 3.24 × crun)".
std::string cell_clause(const CellSummary& cell, const Group& group) {
  if (cell.failed() || !cell.latency.quantiles.p50) return cell.label() + " not counted";
  std::string text = std::format("{} {}", cell.label(), format_ms(cell.latency.quantiles.p50->value));
  if (cell.runtime() == kBaselines[0]) return text;  // the other baseline says the same, inverted
  std::vector<std::string> notes, alike;
  for (const auto& comparison : comparisons_of(cell, group)) {
    if (comparison.told_apart()) {
      notes.push_back(std::format("{} × {}", format_ratio(comparison.ratio.value), comparison.baseline));
    } else {
      alike.push_back(comparison.baseline);
    }
  }
  if (!alike.empty()) notes.push_back("not told apart from " + join(alike, " or "));
  return notes.empty() ? text : std::format("{} ({})", text, join(notes, ", "));
}

std::string group_clause(const Group& group) {
  std::vector<std::string> parts;
  parts.reserve(group.cells.size());
  for (const CellSummary* cell : group.cells) parts.push_back(cell_clause(*cell, group));
  return std::format("{}: {}", group.label, join(parts, ", "));
}

/// The groups worth a clause: per start the one of the largest spread, the first of equals.
std::vector<const Group*> groups_to_name(const std::vector<Group>& groups) {
  std::map<Start, std::pair<double, const Group*>> best;
  for (const auto& group : groups) {
    const double spread = spread_of(group);
    const auto [found, added] = best.try_emplace(group.cells.front()->start, spread, &group);
    if (!added && spread > found->second.first) found->second = {spread, &group};
  }
  std::vector<const Group*> result;
  result.reserve(best.size());
  for (const auto& [start, entry] : best) result.push_back(entry.second);
  return result;
}

/// "CHECKS FAILED: errors (noop cold crun), aot_executed (noop cold wasm-aot and 3 more)"; "" when none did.
std::string failures_clause(const std::vector<Group>& groups) {
  std::vector<std::pair<std::string, std::vector<std::string>>> failures;  // check, cells
  for (const auto& group : groups) {
    for (const CellSummary* cell : group.cells) {
      for (const auto& check : cell->checks) {
        if (check.status != CheckStatus::kFail) continue;
        auto found = std::ranges::find(failures, check.name, [](const auto& entry) { return entry.first; });
        if (found == failures.end()) found = failures.insert(found, {check.name, {}});
        found->second.push_back(std::format("{} {}", group.label, cell->label()));
      }
    }
  }
  std::vector<std::string> parts;
  for (const auto& [check, cells] : failures) {
    const std::string more = cells.size() > 1 ? std::format(" and {} more", cells.size() - 1) : "";
    parts.push_back(std::format("{} ({}{})", check, cells.front(), more));
  }
  return parts.empty() ? "" : "CHECKS FAILED: " + join(parts, ", ");
}

bool every_check_passed(std::span<const CellSummary> cells, const std::string& name) {
  bool any = false;
  for (const auto& cell : cells) {
    for (const auto& check : cell.checks) {
      if (check.name != name) continue;
      if (check.status != CheckStatus::kPass) return false;
      any = true;
    }
  }
  return any;
}

/// "noop at most: crun 4100/s (10 users), wasm-aot 2400/s (50 users, not saturated)": the largest throughput of each
/// sweep of users of the first function, at the lowest level that is as good within 5 %.
std::string throughput_clause(std::span<const CellSummary> cells) {
  std::string function, text;
  std::vector<std::string> labels;
  std::map<std::string, std::vector<const CellSummary*>> sweeps;  // by label of the runtime
  for (const auto& cell : cells) {
    if (!cell.load || cell.load->asked.open || cell.failed() || !cell.load->throughput_per_s) continue;
    if (function.empty()) function = function_label(cell.factors);
    if (function_label(cell.factors) != function) continue;
    if (sweeps[cell.label()].empty()) labels.push_back(cell.label());
    sweeps[cell.label()].push_back(&cell);
  }
  for (const auto& label : labels) {
    const auto& sweep = sweeps.at(label);
    if (sweep.size() < 2) continue;
    const auto per_s = [](const CellSummary* cell) { return cell->load->throughput_per_s->value; };
    const double most = per_s(*std::ranges::max_element(sweep, {}, per_s));
    const auto at =
        std::ranges::find_if(sweep, [&](const CellSummary* c) { return per_s(c) >= most / (1 + kSaturationGain); });
    const bool saturated = std::ranges::any_of(sweep, [](const CellSummary* c) { return c->load->saturated; });
    text += std::format("{}{} {:.3g}/s ({}{})", text.empty() ? "" : ", ", label, most, label_of((*at)->load->asked),
                        saturated ? "" : ", not saturated");
  }
  return text.empty() ? "" : std::format("{} at most: {}", function, text);
}

/// What holds for the run as a whole.
std::vector<std::string> proofs_of(std::span<const CellSummary> cells) {
  std::vector<std::string> result;
  CodeProof aot;
  std::size_t flags = 0;
  bool too_few = false;
  for (const auto& cell : cells) {
    const auto is = [&](const char* name) {
      return std::ranges::any_of(cell.checks, [&](const Check& check) { return check.name == name; });
    };
    if (is("aot_executed")) {
      aot.instances += cell.code_proof.instances;
      aot.ahead += cell.code_proof.ahead;
    }
    flags += static_cast<std::size_t>(std::ranges::count(cell.checks, CheckStatus::kFlag, &Check::status));
    too_few = too_few || (cell.latency.quantiles.p50 && !cell.latency.quantiles.p50->ci);
  }
  if (every_check_passed(cells, "same_output")) result.push_back("all outputs equal");
  if (aot.instances > 0) result.push_back(std::format("AoT proven on {} of {} instances", aot.ahead, aot.instances));
  if (too_few) result.push_back(std::format("no comparison below {} replicates", kFewestReplicates));
  if (flags > 0) result.push_back(std::format("{} check{} flagged", flags, flags == 1 ? "" : "s"));
  return result;
}

}  // namespace

std::string finding(std::span<const CellSummary> cells) {
  const bool measured = std::ranges::any_of(cells, [](const auto& cell) { return cell.latency.quantiles.samples > 0; });
  if (!measured) return "Nothing was measured.";
  const auto groups = groups_of(cells);
  std::vector<std::string> clauses;
  if (auto failures = failures_clause(groups); !failures.empty()) clauses.push_back(std::move(failures));
  if (auto throughput = throughput_clause(cells); !throughput.empty()) clauses.push_back(std::move(throughput));
  const auto named = groups_to_name(groups);
  for (const Group* group : named) clauses.push_back(group_clause(*group));
  if (groups.size() > named.size()) {
    const std::size_t more = groups.size() - named.size();
    clauses.push_back(std::format("{} more group{} in the table", more, more == 1 ? "" : "s"));
  }
  if (const auto proofs = proofs_of(cells); !proofs.empty()) clauses.push_back(join(proofs, ", "));
  return join(clauses, "; ") + ".";
}

}  // namespace lumos
