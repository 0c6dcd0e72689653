#include "analysis/load_checks.h"

#include <algorithm>
#include <format>

#include "base/units.h"

namespace lumos {
namespace {

void worsen(Check& check, CheckStatus status) { check.status = std::max(check.status, status); }

// In a closed loop the users wait for the generator as they do for the server: that is shown, not failed.
CheckStatus too_much(const LoadResult& r) { return r.spec.arrivals ? CheckStatus::kFail : CheckStatus::kFlag; }

void judge_core(const LoadResult& r, Check& check) {
  check.detail += std::format("; the generator worked {:.0f} % of a core", 100 * r.core_share());
  if (r.core_share() <= kMostCoreShare) return;
  check.detail += ", which is all there is: what it reports is its own limit";
  worsen(check, too_much(r));
}

void judge_schedule(const LoadResult& r, Check& check) {
  const auto late = Nanoseconds(static_cast<std::int64_t>(*r.collected.schedule_error().quantile(0.99)));
  check.detail += std::format("; 99 % of the requests had their turn at most {} late", format_duration(late));
  if (late > kScheduleErrorFlag) worsen(check, late > kScheduleErrorFail ? too_much(r) : CheckStatus::kFlag);
  if (r.pacing.real_time || !r.spec.arrivals) return;
  worsen(check, CheckStatus::kFlag);
  check.detail += std::format("; without real-time priority: {}", r.pacing.why_not);
}

Check load_delivered(const LoadResult& r) {
  Check check{.name = "load_delivered"};
  const auto sent = static_cast<double>(r.collected.sent_in_window());
  if (r.collected.requests() == 0) {
    return {.name = check.name, .status = CheckStatus::kFail, .detail = "No request was due within the window."};
  }
  if (r.spec.arrivals) {
    const auto due = static_cast<double>(r.collected.requests());
    check.detail = std::format("{} of the {} requests due were sent within the window", r.collected.sent_in_window(),
                               r.collected.requests());
    if (sent < kLeastRateShare * due) worsen(check, CheckStatus::kFail);
    if (const auto waited = r.collected.waited_for_connection(); waited > 0)
      check.detail += std::format(", {} after they had waited for a free connection", waited);
  } else {
    check.detail = std::format("{} users sent {} requests", r.spec.connections, r.collected.sent_in_window());
    if (sent == 0) worsen(check, CheckStatus::kFail);
  }
  judge_schedule(r, check);
  judge_core(r, check);
  check.detail += ".";
  return check;
}

// As of a cell: docs/checks.md.
Check errors(const LoadResult& r) {
  Check check{.name = "errors"};
  const std::uint64_t failed = r.collected.errors(), all = r.collected.ended();
  if (failed == 0) {
    check.detail = std::format("None of {} requests failed.", all);
    return check;
  }
  check.status = failed * 100 > all ? CheckStatus::kFail : CheckStatus::kFlag;
  check.detail = std::format("{} of {} requests failed:", failed, all);
  for (const auto& [outcome, name] : Names<Outcome>::kTable) {
    if (outcome == Outcome::kOk || r.collected.count(outcome) == 0) continue;
    check.detail += std::format("{}{} {}", check.detail.ends_with(':') ? " " : ", ", r.collected.count(outcome), name);
  }
  check.detail += ".";
  return check;
}

}  // namespace

std::vector<Check> check_load(const LoadResult& result) { return {load_delivered(result), errors(result)}; }

}  // namespace lumos
