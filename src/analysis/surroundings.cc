#include "analysis/surroundings.h"

#include <algorithm>
#include <vector>

#include "stats/moments.h"
#include "stats/quantile.h"

namespace lumos {
namespace {

/// Sums over the visits that have every one of the fields; nullopt where none has.
template <typename... Fields>
std::optional<MachineUse> sums_of(const CellRecords& records, Fields... fields) {
  std::optional<MachineUse> sums;
  for (const auto& visit : records.visits) {
    const MachineUse& use = visit.visit->machine;
    if (!((use.*fields).has_value() && ...)) continue;
    if (!sums) sums.emplace();
    (((*sums).*fields = ((*sums).*fields).value_or(0) + *(use.*fields)), ...);
  }
  return sums;
}

std::optional<double> share(std::optional<std::int64_t> part, std::optional<std::int64_t> whole) {
  if (!part || !whole || *whole <= 0) return std::nullopt;
  return static_cast<double>(*part) / static_cast<double>(*whole);
}

}  // namespace

Surroundings surroundings_of(const CellRecords& records) {
  using M = MachineUse;
  Surroundings result;
  if (const auto sums = sums_of(records, &M::steal_ns, &M::machine_busy_ns)) {
    result.steal_ns = sums->steal_ns;
    result.steal_share = share(sums->steal_ns, *sums->steal_ns + *sums->machine_busy_ns);
  }
  if (const auto sums = sums_of(records, &M::machine_busy_ns, &M::own_cpu_ns, &M::elapsed_ns)) {
    result.other_ns = std::max<std::int64_t>(0, *sums->machine_busy_ns - *sums->own_cpu_ns);
    result.other_load_share = share(result.other_ns, sums->elapsed_ns);
  }
  if (const auto sums = sums_of(records, &M::throttled_ns)) result.throttled_ns = sums->throttled_ns;
  if (const auto sums = sums_of(records, &M::psi_cpu_ns, &M::elapsed_ns)) {
    result.cpu_pressure_share = share(sums->psi_cpu_ns, sums->elapsed_ns);
  }
  if (const auto sums = sums_of(records, &M::psi_memory_ns, &M::elapsed_ns)) {
    result.memory_pressure_share = share(sums->psi_memory_ns, sums->elapsed_ns);
  }
  Moments khz;
  for (const auto& visit : records.visits) {
    if (const auto frequency = visit.visit->machine.frequency_khz) khz.add(static_cast<double>(*frequency));
  }
  result.frequency_khz = khz.mean().transform([](double mean) { return static_cast<std::int64_t>(mean); });
  return result;
}

InstanceCounters median_counters(const CellRecords& records) {
  InstanceCounters medians;
  for (const auto& [name, field] : kInstanceCounters) {
    std::vector<double> values;
    for (const Instance* instance : records.instances) {
      if (instance->counters.*field) values.push_back(static_cast<double>(*(instance->counters.*field)));
    }
    medians.*field = quantile(std::move(values), 0.5).transform([](double v) { return static_cast<std::int64_t>(v); });
  }
  return medians;
}

}  // namespace lumos
