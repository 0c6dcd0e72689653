#include <algorithm>
#include <format>

#include "analysis/checks.h"
#include "analysis/load_checks.h"
#include "analysis/wording.h"

namespace lumos {
namespace {

constexpr double kUsPerMs = 1e3;

double in_us(Nanoseconds time) { return std::chrono::duration<double, std::micro>(time).count(); }

}  // namespace

std::optional<Check> check_load_delivered(const CellSummary& summary) {
  if (!summary.load) return std::nullopt;
  const LoadSummary& l = *summary.load;
  Check check{.name = "load_delivered"};
  if (l.requests == 0)
    return Check{.name = check.name, .status = CheckStatus::kFail, .detail = "No request was due within the window."};
  const auto worsen = [&](CheckStatus status) { check.status = std::max(check.status, status); };
  // The users of a closed load wait for the generator as they do for the server: that is shown, not failed.
  const CheckStatus too_much = l.asked.open ? CheckStatus::kFail : CheckStatus::kFlag;
  const double share = static_cast<double>(l.sent) / static_cast<double>(l.requests);
  check.detail = std::format("{:.4g} % of the requests due were sent within their windows", 100 * share);
  if (share < kLeastRateShare) worsen(CheckStatus::kFail);
  if (l.waited > 0) check.detail += std::format(", {} after they had waited for a free connection", l.waited);
  if (l.schedule_error_p99_us) {
    check.detail +=
        std::format("; 99 % had their turn at most {} late", format_ms(*l.schedule_error_p99_us / kUsPerMs));
    if (*l.schedule_error_p99_us > in_us(kScheduleErrorFlag))
      worsen(*l.schedule_error_p99_us > in_us(kScheduleErrorFail) ? too_much : CheckStatus::kFlag);
  }
  const double generator = l.generator_share.value_or(0);
  check.detail += std::format("; the generator worked {:.0f} % of a core", 100 * generator);
  if (l.core_busy_share) check.detail += std::format(", and that core was busy for {:.0f} %", 100 * *l.core_busy_share);
  if (std::max(generator, l.core_busy_share.value_or(0)) > kMostCoreShare) {
    check.detail += ", which is all there is: the limit may be that of generator and gateway";
    worsen(too_much);
  }
  if (l.asked.open && !l.real_time) {
    check.detail += "; without real-time priority, for it shares its core";
    worsen(CheckStatus::kFlag);
  }
  check.detail += '.';
  return check;
}

}  // namespace lumos
