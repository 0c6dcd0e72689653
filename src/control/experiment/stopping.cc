#include "control/experiment/stopping.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lumos {
namespace {

// Enough to see whether an interval is narrow; the analysis draws more.
constexpr int kDraws = 400;

}  // namespace

void CellProgress::add_visit(const std::vector<Sample>& samples, Nanoseconds duration) {
  std::vector<double> values;
  for (const auto& s : samples) {
    if (s.role != Role::kMeasure) continue;
    const auto latency = s.latency_ns();
    const bool ok = s.outcome == Outcome::kOk && latency.has_value();
    any_ok_ |= ok;
    values.push_back(ok ? static_cast<double>(*latency) : std::numeric_limits<double>::infinity());
  }
  latencies_.push_back(std::move(values));
  spent_ += duration;
}

std::optional<double> CellProgress::relative_half_width(const StopRule& rule, std::uint64_t seed) const {
  const auto estimates = bootstrap_quantiles(latencies_, RandomStream(seed, "stopping"), kDraws);
  const auto& estimate = rule.of == "p99" ? estimates.p99 : rule.of == "p95" ? estimates.p95 : estimates.p50;
  if (!estimate || !estimate->ci || !std::isfinite(estimate->ci->hi) || estimate->value <= 0) return std::nullopt;
  return (estimate->ci->hi - estimate->ci->lo) / 2 / estimate->value;
}

bool CellProgress::done(const StopRule& rule, std::uint64_t seed) const {
  if (replicates() >= rule.max) return true;
  if (replicates() < rule.min) return false;
  if (!any_ok_) return true;
  const auto width = relative_half_width(rule, seed);
  return width && *width <= rule.ci;
}

std::int64_t CellProgress::visits_left(const StopRule& rule, std::uint64_t seed) const {
  if (done(rule, seed)) return 0;
  const std::int64_t n = replicates();
  const auto width = relative_half_width(rule, seed);
  const double ratio = width ? *width / rule.ci : 1.5;
  const auto wanted = static_cast<std::int64_t>(std::ceil(static_cast<double>(n) * std::min(ratio * ratio, 1e6)));
  return std::clamp(wanted - n, std::max<std::int64_t>(1, rule.min - n), rule.max - n);
}

Nanoseconds CellProgress::visit_duration() const { return replicates() == 0 ? Nanoseconds(0) : spent_ / replicates(); }

}  // namespace lumos
