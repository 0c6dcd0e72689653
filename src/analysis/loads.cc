#include "analysis/loads.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <limits>
#include <numeric>

#include "stats/moments.h"
#include "stats/student.h"

namespace lumos {
namespace {

double mean_of(std::span<const std::int64_t> values) {
  return std::reduce(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<const LoadRecord*> loads_of(const CellRecords& records) {
  std::vector<const LoadRecord*> loads;
  for (const auto& visit : records.visits) {
    if (visit.load != nullptr) loads.push_back(visit.load);
  }
  return loads;
}

std::optional<double> in_us(std::optional<std::int64_t> ns) {
  return ns.transform([](std::int64_t value) { return static_cast<double>(value) / 1e3; });
}

void take_larger(std::optional<double>& so_far, std::optional<double> value) {
  if (value && (!so_far || *value > *so_far)) so_far = value;
}

}  // namespace

// Repetitions are independent, the moments of a window are not: so each repetition gives one number, and Student's t
// tells whether their mean is above nothing. The share says whether it matters.
std::optional<BacklogGrowth> backlog_growth(std::span<const LoadRecord* const> repetitions) {
  Moments growth, due;
  for (const LoadRecord* r : repetitions) {
    const std::size_t half = r->backlog.size() / 2;
    if (half == 0) continue;
    const std::span all(r->backlog);
    growth.add(mean_of(all.subspan(half)) - mean_of(all.first(half)));
    due.add(static_cast<double>(r->requests) / 2);
  }
  const auto mean = mean_with_interval(growth);
  if (!mean || growth.count() < 2) return std::nullopt;
  BacklogGrowth result{.mean = *mean};
  const double error = std::sqrt(*growth.variance() / static_cast<double>(growth.count()));
  const double t = error > 0 ? mean->value / error : mean->value > 0 ? std::numeric_limits<double>::infinity() : 0;
  const double within = std::isinf(t) ? 1 : student_within(std::abs(t), static_cast<int>(growth.count()) - 1);
  result.probability = t > 0 ? (1 - within) / 2 : (1 + within) / 2;
  result.grows = result.probability < kGrowthLevel && mean->value > std::max(1.0, kGrowthShare * *due.mean());
  return result;
}

std::optional<LoadSummary> load_of(const CellRecords& records) {
  if (!records.cell->load) return std::nullopt;
  LoadSummary s{.asked = *records.cell->load};
  const auto loads = loads_of(records);
  s.repetitions = loads.size();
  Moments asked, reached, throughput, cpu, backlog_end;
  for (const LoadRecord* r : loads) {
    s.requests += r->requests, s.sent += r->sent, s.waited += r->waited;
    for (std::size_t i = 0; i < s.starts.size(); ++i) s.starts[i] += r->starts[i];
    if (r->asked_per_s) asked.add(*r->asked_per_s);
    reached.add(r->reached_per_s());
    throughput.add(r->throughput_per_s());
    if (r->instance_cpu_ns && r->ended() > 0)
      cpu.add(static_cast<double>(*r->instance_cpu_ns) / static_cast<double>(r->ended()) / 1e6);
    if (!r->backlog.empty()) backlog_end.add(static_cast<double>(r->backlog.back()));
    take_larger(s.schedule_error_p50_us, in_us(r->schedule_error_p50_ns));
    take_larger(s.schedule_error_p99_us, in_us(r->schedule_error_p99_ns));
    take_larger(s.generator_share, r->generator_share());
    take_larger(s.core_busy_share, r->core_busy_share);
    s.real_time = s.real_time && r->real_time;
  }
  s.asked_per_s = asked.mean();
  s.reached_per_s = reached.mean();
  s.throughput_per_s = mean_with_interval(throughput);
  s.cpu_ms = cpu.mean();
  s.backlog_end = backlog_end.mean();
  s.backlog = backlog_growth(loads);
  return s;
}

std::vector<Frequencies> load_latencies(const CellRecords& records, bool ok_alone) {
  std::vector<Frequencies> replicates;
  for (const LoadRecord* r : loads_of(records)) {
    Frequencies& of_visit = replicates.emplace_back();
    for (const auto& [ns, count] : r->latencies)
      of_visit.emplace_back(static_cast<double>(ns) / 1e6, static_cast<std::uint64_t>(count));
    if (!ok_alone && r->errors() > 0)
      of_visit.emplace_back(std::numeric_limits<double>::infinity(), static_cast<std::uint64_t>(r->errors()));
  }
  return replicates;
}

namespace {

void mark_open(LoadSummary& level) {
  if (level.backlog && level.backlog->grows) {
    level.saturated = true;
    level.saturation = std::format("the backlog grows by {:.3g} requests in half a window", level.backlog->mean.value);
  } else if (level.asked_per_s && level.throughput_per_s &&
             level.throughput_per_s->value < (1 - kSaturationGain) * *level.asked_per_s) {
    level.saturated = true;
    level.saturation =
        std::format("{:.3g}/s of {:.3g}/s were answered rightly", level.throughput_per_s->value, *level.asked_per_s);
  }
}

}  // namespace

void mark_saturation(std::vector<LoadSummary*> sweep) {
  std::erase_if(sweep, [](const LoadSummary* l) { return !l->throughput_per_s.has_value(); });
  std::vector<LoadSummary*> closed;
  for (LoadSummary* level : sweep) {
    if (level->asked.open) {
      mark_open(*level);
    } else {
      closed.push_back(level);
    }
  }
  std::ranges::sort(closed, {}, [](const LoadSummary* l) { return l->asked.concurrency; });
  bool saturated = false;
  for (std::size_t i = 0; i < closed.size(); ++i) {
    double best = 0;
    for (std::size_t j = i + 1; j < closed.size(); ++j) best = std::max(best, closed[j]->throughput_per_s->value);
    const bool last = i + 1 == closed.size();
    saturated = saturated || (!last && best <= (1 + kSaturationGain) * closed[i]->throughput_per_s->value);
    if (!saturated) continue;
    closed[i]->saturated = true;
    closed[i]->saturation = "more users bring less than 5 % more throughput";
  }
}

}  // namespace lumos
