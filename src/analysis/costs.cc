#include "analysis/costs.h"

#include <algorithm>

#include "stats/moments.h"
#include "stats/quantile.h"

namespace lumos {
namespace {

constexpr double kNsPerMs = 1e6;

/// CPU per invocation of a warm visit in ns: from the first reading before to the last after, of one instance.
std::optional<double> cpu_of_visit(const VisitRecords& visit) {
  const auto& samples = visit.measured;
  const auto first = std::ranges::find_if(samples, [](const Sample* s) { return s->cpu_before_ns.has_value(); });
  const auto last =
      std::find_if(samples.rbegin(), samples.rend(), [](const Sample* s) { return s->cpu_after_ns.has_value(); });
  if (first == samples.end() || last == samples.rend()) return std::nullopt;
  const auto invocations = last.base() - first;
  // An instance that died and was made anew counts from 0 again: no difference of two counters.
  if (invocations <= 0 || (*first)->instance != (*last)->instance) return std::nullopt;
  const auto gained = *(*last)->cpu_after_ns - *(*first)->cpu_before_ns;
  if (gained < 0) return std::nullopt;
  return static_cast<double>(gained) / static_cast<double>(invocations);
}

std::optional<double> cpu_ms(const CellRecords& records) {
  Moments ns;
  for (const auto& visit : records.visits) {
    if (records.cell->start == Start::kCold) {
      for (const Sample* sample : visit.measured) {
        if (sample->cpu_after_ns) ns.add(static_cast<double>(*sample->cpu_after_ns));
      }
    } else if (const auto per_invocation = cpu_of_visit(visit)) {
      ns.add(*per_invocation);
    }
  }
  return ns.mean().transform([](double mean) { return mean / kNsPerMs; });
}

}  // namespace

Costs costs_of(const CellRecords& records) {
  Moments launch_ns;
  std::vector<double> peaks;
  for (const Instance* instance : records.instances) {
    if (instance->cpu_launch_ns) launch_ns.add(static_cast<double>(*instance->cpu_launch_ns));
    if (instance->memory_peak_bytes) peaks.push_back(static_cast<double>(*instance->memory_peak_bytes));
  }
  return {
      .cpu_ms = cpu_ms(records),
      .cpu_launch_ms = launch_ns.mean().transform([](double mean) { return mean / kNsPerMs; }),
      .memory_peak_bytes =
          quantile(std::move(peaks), 0.5).transform([](double v) { return static_cast<std::int64_t>(v); }),
  };
}

CodeProof code_proof_of(const CellRecords& records) {
  CodeProof result;
  for (const Instance* instance : records.instances) {
    const auto bytes = instance->aot_code_bytes;
    if (!bytes && !records.answered.contains(instance->id)) continue;
    ++result.instances;
    if (bytes) ++(*bytes > 0 ? result.ahead : result.interpreted);
  }
  return result;
}

}  // namespace lumos
