#include "control/experiment/stopping.h"

#include <algorithm>
#include <cmath>
#include <format>
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

void CellProgress::add_visit(const LoadRecord& load, Nanoseconds duration) {
  Frequencies frequencies;
  for (const auto& [ns, count] : load.latencies)
    frequencies.emplace_back(static_cast<double>(ns), static_cast<std::uint64_t>(count));
  if (load.errors() > 0)
    frequencies.emplace_back(std::numeric_limits<double>::infinity(), static_cast<std::uint64_t>(load.errors()));
  any_ok_ |= load.ok() > 0;
  loads_.push_back(std::move(frequencies));
  spent_ += duration;
}

std::optional<double> CellProgress::relative_half_width(const StopRule& rule, std::uint64_t seed) const {
  const RandomStream stream(seed, "stopping");
  const auto estimates =
      loads_.empty() ? bootstrap_quantiles(latencies_, stream, kDraws) : bootstrap_frequencies(loads_, stream, kDraws);
  const auto& estimate = rule.of == "p99" ? estimates.p99 : rule.of == "p95" ? estimates.p95 : estimates.p50;
  if (!estimate || !estimate->ci || !std::isfinite(estimate->ci->hi) || estimate->value <= 0) return std::nullopt;
  return (estimate->ci->hi - estimate->ci->lo) / 2 / estimate->value;
}

std::int64_t CellProgress::visits_left(const StopRule& rule, std::uint64_t seed) {
  const std::int64_t n = replicates();
  if (n >= rule.max) return 0;
  if (n < rule.min) return rule.min - n;
  if (!any_ok_) return 0;
  if (n >= next_look_) {
    width_ = relative_half_width(rule, seed);
    next_look_ = n + 1 + n / 20;
  }
  if (width_ && *width_ <= rule.ci) return 0;
  const double ratio = width_ ? *width_ / rule.ci : 1.5;
  const auto wanted = static_cast<std::int64_t>(std::ceil(static_cast<double>(n) * std::min(ratio * ratio, 1e6)));
  return std::clamp<std::int64_t>(wanted - n, 1, rule.max - n);
}

std::vector<std::string> rules_without_effect(const Plan& plan) {
  const StopRule& rule = plan.stop;
  std::vector<std::string> sentences;
  if (rule.min == rule.max) return sentences;
  const std::size_t fewest = rule.of == "p99" ? kFewestForP99 : rule.of == "p95" ? kFewestForP95 : kFewestForP50;
  for (const Start start : {Start::kCold, Start::kWarm}) {
    const auto is = [start](const Cell& cell) { return cell.start == start && !cell.load; };
    if (std::ranges::none_of(plan.cells, is)) continue;
    const std::int64_t per_visit = start == Start::kCold ? 1 : rule.invocations;
    const std::int64_t last_look = rule.max - 1;
    const bool enough = last_look >= static_cast<std::int64_t>(kFewestReplicates) &&
                        last_look * per_visit >= static_cast<std::int64_t>(fewest);
    if (enough) continue;
    sentences.push_back(
        std::format("'stop.ci' never ends a {} cell before 'stop.max': an interval of {} needs {} samples in {} "
                    "replicates, and by then it has {} in {}",
                    name_of(start), rule.of, fewest, kFewestReplicates, last_look * per_visit, last_look));
  }
  return sentences;
}

Nanoseconds CellProgress::visit_duration() const { return replicates() == 0 ? Nanoseconds(0) : spent_ / replicates(); }

}  // namespace lumos
