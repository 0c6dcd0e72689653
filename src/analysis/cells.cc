#include "analysis/cells.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "analysis/factors.h"
#include "base/random.h"
#include "record/variant.h"
#include "stats/moments.h"
#include "stats/ratio.h"

namespace lumos {
namespace {

LatencySummary latency_of(const Replicates& replicates, std::uint64_t seed, const std::string& stream) {
  Moments moments;
  for (const auto& replicate : replicates) {
    for (const double ms : replicate) moments.add(ms);
  }
  return {.mean = moments.mean(), .quantiles = bootstrap_quantiles(replicates, RandomStream(seed, stream))};
}

/// A sample that claims success without both of its stamps proves no latency, so it counts as failed here too.
double latency_ms(const Sample& sample) {
  const auto ns = sample.latency_ns();
  if (sample.outcome != Outcome::kOk || !ns) return std::numeric_limits<double>::infinity();
  return static_cast<double>(*ns) / 1e6;
}

void add_latencies(CellSummary& summary, const CellRecords& records, std::uint64_t seed) {
  Replicates all, ok;
  bool same = true;
  for (const auto& visit : records.visits) {
    all.emplace_back();
    ok.emplace_back();
    for (const Sample* sample : visit.measured) {
      const double ms = latency_ms(*sample);
      all.back().push_back(ms);
      if (std::isfinite(ms)) ok.back().push_back(ms);
      same = same && std::isfinite(ms);
    }
  }
  const std::string stream = "bootstrap " + factor_key(records.cell->factors, {});
  summary.latency = latency_of(all, seed, stream);
  summary.latency_ok = same ? summary.latency : latency_of(ok, seed, stream + " ok");
}

// Of all requests of a load, those of which no sample was kept too.
LatencySummary load_latency_of(const CellRecords& records, bool ok_alone, RandomStream stream) {
  const auto replicates = load_latencies(records, ok_alone);
  double sum = 0, count = 0;
  for (const auto& replicate : replicates) {
    for (const auto& [ms, times] : replicate) {
      sum += ms * static_cast<double>(times);
      count += static_cast<double>(times);
    }
  }
  return {.mean = count > 0 ? std::optional(sum / count) : std::nullopt,
          .quantiles = bootstrap_frequencies(replicates, stream)};
}

void add_load_latencies(CellSummary& summary, const CellRecords& records, std::uint64_t seed) {
  const std::string stream = "bootstrap " + factor_key(records.cell->factors, {});
  summary.latency = load_latency_of(records, false, RandomStream(seed, stream));
  summary.latency_ok =
      summary.failures() == 0 ? summary.latency : load_latency_of(records, true, RandomStream(seed, stream + " ok"));
}

std::vector<std::pair<Outcome, std::size_t>> outcomes_of(const CellRecords& records) {
  std::map<Outcome, std::size_t> counts{{Outcome::kOk, 0}};
  for (const auto& visit : records.visits) {
    for (std::size_t i = 0; visit.load != nullptr && i < visit.load->outcomes.size(); ++i) {
      const auto n = static_cast<std::size_t>(visit.load->outcomes[i]);
      if (n > 0) counts[static_cast<Outcome>(i)] += n;
    }
  }
  if (records.cell->load) return {counts.begin(), counts.end()};
  for (const Sample* sample : records.measured()) ++counts[sample->outcome];
  return {counts.begin(), counts.end()};
}

}  // namespace

std::string CellSummary::runtime() const { return factor_text(factors, "runtime"); }

std::string CellSummary::label() const {
  const std::string otherwise = built_otherwise(factors);
  return otherwise.empty() ? runtime() : runtime() + " " + otherwise;
}

std::size_t CellSummary::failures() const {
  std::size_t result = 0;
  for (const auto& [outcome, count] : outcomes) result += outcome == Outcome::kOk ? 0 : count;
  return result;
}

bool CellSummary::failed() const {
  return std::ranges::any_of(checks, [](const Check& check) { return check.status == CheckStatus::kFail; });
}

CellSummary summarise_cell(const CellRecords& records, std::uint64_t seed) {
  CellSummary summary{.factors = records.cell->factors,
                      .traits = records.deployment->traits,
                      .start = records.cell->start,
                      .outcomes = outcomes_of(records),
                      .costs = costs_of(records),
                      .counters = median_counters(records),
                      .surroundings = surroundings_of(records),
                      .image_bytes = records.deployment->image_bytes,
                      .artefact_bytes = records.deployment->artefact_bytes,
                      .phases = phases_of_cell(records),
                      .code_proof = code_proof_of(records)};
  summary.load = load_of(records);
  if (summary.load) {
    add_load_latencies(summary, records, seed);
    summary.costs.cpu_ms = summary.load->cpu_ms;
  } else {
    add_latencies(summary, records, seed);
  }
  summary.anatomy = anatomy_of(records, summary.phases, seed);
  return summary;
}

const CellSummary* counterpart(const CellSummary& cell, std::string_view runtime,
                               std::span<const CellSummary* const> among) {
  const std::string key = factor_key(cell.factors, kDeploymentFactors);
  const CellSummary* first = nullptr;
  for (const CellSummary* other : among) {
    const bool fits = other->runtime() == runtime && built_alike(cell.factors, other->factors) &&
                      factor_key(other->factors, kDeploymentFactors) == key;
    if (fits && built_otherwise(other->factors).empty()) return other;
    if (fits && first == nullptr) first = other;
  }
  return first;
}

void mark_saturation(std::span<CellSummary> cells) {
  std::map<std::string, std::vector<LoadSummary*>> sweeps;
  for (auto& cell : cells) {
    if (cell.load) sweeps[factor_key(cell.factors, {"concurrency", "rate"})].push_back(&*cell.load);
  }
  for (auto& [key, sweep] : sweeps) mark_saturation(std::move(sweep));
}

void add_ratios(std::span<CellSummary> cells) {
  std::map<std::string, std::vector<const CellSummary*>> points;  // what is asked alike
  for (const auto& cell : cells) points[factor_key(cell.factors, kDeploymentFactors)].push_back(&cell);
  for (auto& cell : cells) {
    const auto& among = points.at(factor_key(cell.factors, kDeploymentFactors));
    for (const char* baseline : kBaselines) {
      if (cell.runtime() == baseline) continue;
      const CellSummary* other = counterpart(cell, baseline, among);
      cell.ratio_to.emplace_back(baseline, other == nullptr
                                               ? std::nullopt
                                               : ratio_of_medians(cell.latency.quantiles, other->latency.quantiles));
    }
  }
}

}  // namespace lumos
