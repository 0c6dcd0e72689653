#include "analysis/checks.h"

#include <algorithm>
#include <format>
#include <map>

#include "analysis/factors.h"
#include "analysis/wording.h"
#include "base/error.h"
#include "stats/ratio.h"

namespace lumos {
namespace {

constexpr double kErrorsThatFail = 0.01;

/// "; instance-7 wrote: …", or "" when none wrote anything.
std::string first_note(const CellRecords& records) {
  for (const Instance* instance : records.instances) {
    const std::string note = one_line(instance->note);
    if (!note.empty()) return std::format("; {} wrote: {}", one_line(instance->name, 40), note);
  }
  return "";
}

}  // namespace

Check check_errors(const CellRecords& records, const CellSummary& summary) {
  Check check{.name = "errors"};
  const std::size_t samples = summary.latency.quantiles.samples;
  const std::size_t failures = summary.failures();
  std::map<Outcome, std::size_t> kinds(summary.outcomes.begin(), summary.outcomes.end());
  std::size_t failed_primes = 0;
  for (const Sample* prime : records.primes) {
    if (prime->outcome == Outcome::kOk) continue;
    ++kinds[prime->outcome];
    ++failed_primes;
  }
  if (failures + failed_primes == 0) {
    check.status = samples == 0 ? CheckStatus::kFlag : CheckStatus::kPass;
    check.detail = samples == 0 ? "Nothing was tried." : std::format("None of {} invocations failed.", samples);
    return check;
  }
  const double share = static_cast<double>(failures) / static_cast<double>(std::max<std::size_t>(samples, 1));
  check.status = share > kErrorsThatFail ? CheckStatus::kFail : CheckStatus::kFlag;
  if (failures > 0)
    check.detail = std::format("{} of {} invocations failed ({:.3g} %)", failures, samples, share * 100);
  if (failed_primes > 0) {
    check.detail += std::format("{}{} of {} first invocations of a visit failed", failures > 0 ? ", and " : "",
                                failed_primes, records.primes.size());
  }
  const char* separator = ": ";
  for (const auto& [outcome, count] : kinds) {
    if (outcome == Outcome::kOk) continue;
    check.detail += std::format("{}{} {}", separator, count, name_of(outcome));
    separator = ", ";
  }
  check.detail += first_note(records) + '.';
  return check;
}

Check check_sample_size(const CellRecords& records, const CellSummary& summary, const StopRule& stop) {
  Check check{.name = "sample_size"};
  const auto& q = summary.latency.quantiles;
  const auto replicates = static_cast<std::int64_t>(q.replicates);
  check.status = q.samples == 0 ? CheckStatus::kFail : replicates < stop.min ? CheckStatus::kFlag : CheckStatus::kPass;
  check.detail = q.samples == 0 ? "Nothing was measured"
                                : std::format("{} samples in {} replicates, the plan asks for at least {}", q.samples,
                                              replicates, stop.min);
  if (records.unfinished_visits > 0)
    check.detail += std::format("; left out: {} unfinished", records.unfinished_visits);
  check.detail += '.';
  return check;
}

Check check_phase_residual(const CellSummary& summary) {
  Check check{.name = "phase_residual", .status = CheckStatus::kFlag};
  const PhaseSummary& phases = summary.phases;
  if (phases.unstamped > 0) {
    check.detail = std::format("{} successful samples lack the stamps of their latency.", phases.unstamped);
  } else if (phases.impossible > 0) {
    check.status = CheckStatus::kFail;
    check.detail = std::format(
        "{} successful samples have phases that last longer than the whole: the function's spans are wrong.",
        phases.impossible);
  } else if (!phases.residual_share_p99) {
    check.detail = "No successful sample to look at.";
  } else {
    if (*phases.residual_share_p99 <= 1) check.status = CheckStatus::kPass;
    check.detail = std::format("The phases leave {} unexplained at p99, {:.2g} × what is allowed (2 % or 50 µs).",
                               format_ms(*phases.residual_p99_ms), *phases.residual_share_p99);
  }
  return check;
}

std::optional<Check> check_cold_not_below_warm(const CellSummary& cold, const CellSummary* warm) {
  if (warm == nullptr) return std::nullopt;
  const auto ratio = ratio_of_medians(cold.latency.quantiles, warm->latency.quantiles);
  if (!ratio) return std::nullopt;
  Check check{.name = "cold_not_below_warm"};
  check.detail = std::format("p50 is {} cold and {} warm", format_ms(cold.latency.quantiles.p50->value),
                             format_ms(warm->latency.quantiles.p50->value));
  if (ratio->value < 1) {
    const bool told_apart = ratio->ci && ratio->ci->hi < 1;
    check.status = told_apart ? CheckStatus::kFail : CheckStatus::kFlag;
    if (!told_apart) check.detail += ", a difference within their intervals";
  }
  check.detail += '.';
  return check;
}

void add_checks(const RunData& run, std::span<const CellRecords> records, std::span<CellSummary> cells) {
  LUMOS_CHECK(records.size() == cells.size());
  const auto digests = digests_by_input(records);
  std::map<std::string, const CellSummary*> warm;
  for (const auto& cell : cells) {
    if (cell.start == Start::kWarm && !cell.load) warm.emplace(factor_key(cell.factors, kStartFactors), &cell);
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    CellSummary& cell = cells[i];
    const auto add = [&](std::optional<Check> check) {
      if (check) cell.checks.push_back(*std::move(check));
    };
    add(check_sample_size(records[i], cell, run.plan.stop));
    add(check_errors(records[i], cell));
    if (cell.latency.quantiles.samples == 0) continue;
    add(check_same_output(records[i], digests.at(input_key(records[i]))));
    add(check_load_delivered(cell));
    if (!cell.load) add(check_start(records[i]));
    add(check_executed_code(records[i]));
    add(check_phase_residual(cell));
    if (cell.start == Start::kCold) {
      const auto found = warm.find(factor_key(cell.factors, kStartFactors));
      add(check_cold_not_below_warm(cell, found == warm.end() ? nullptr : found->second));
    }
    if (records[i].deployment->image_digest.empty()) continue;
    add(check_same_image(records[i]));
    add(check_cache(records[i]));
    add(check_links(records[i], run.manifest));
    add(check_placement(records[i], run.manifest));
    add(check_device(records[i]));
    add(check_neighbour(records[i]));
    add(check_throttled(records[i], cell.surroundings));
    add(check_steal(cell.surroundings));
  }
}

}  // namespace lumos
