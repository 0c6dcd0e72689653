// Each cell of a run in numbers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/anatomy.h"
#include "analysis/check.h"
#include "analysis/costs.h"
#include "analysis/loads.h"
#include "analysis/phases.h"
#include "analysis/surroundings.h"
#include "stats/bootstrap.h"

namespace lumos {

/// Latency in ms from the intended moment.
struct LatencySummary {
  std::optional<double> mean;
  QuantileEstimates quantiles;  // n, replicates (visits), p50, p95, p99
};

/// One point of the plan. nullopt = not measured.
struct CellSummary {
  nlohmann::ordered_json factors;
  nlohmann::ordered_json traits;  // isolation, launcher, engine, mode: derived from the runtime
  Start start = Start::kWarm;
  LatencySummary latency;                                 // of all intended requests: one that failed counts as +inf
  LatencySummary latency_ok;                              // of the successful alone
  std::vector<std::pair<Outcome, std::size_t>> outcomes;  // kOk always, the others when they happened
  std::optional<LoadSummary> load;                        // of a cell that has one
  Costs costs;
  InstanceCounters counters;  // medians over instances
  Surroundings surroundings;
  std::optional<std::int64_t> image_bytes, artefact_bytes;
  PhaseSummary phases;
  std::optional<Anatomy> anatomy;
  CodeProof code_proof;
  /// Baseline runtime and p50 over its p50 in its counterpart. A cell is not compared with itself.
  std::vector<std::pair<std::string, std::optional<Estimate>>> ratio_to;
  std::vector<Check> checks;

  std::string runtime() const;
  /// The runtime, and what was built otherwise than by default: "wasm-aot", "crun debian-slim".
  std::string label() const;
  /// Measured samples that were not ok.
  std::size_t failures() const;
  /// Whether a check failed: then no number of this cell is quoted.
  bool failed() const;
};

/// The runtimes that every other one is compared with.
inline constexpr std::array<const char*, 2> kBaselines{"runc", "crun"};

/// The summary of one cell, without ratios and checks. The random stream of its intervals is named by its factors.
CellSummary summarise_cell(const CellRecords& records, std::uint64_t seed);

/// The cell of `runtime` that differs from `cell` in nothing else that applies to both; of several (the other runtime
/// has a choice that this one has not) the one built by default, else the first. nullptr: there is none.
const CellSummary* counterpart(const CellSummary& cell, std::string_view runtime,
                               std::span<const CellSummary* const> among);

/// Fills ratio_to of every cell.
void add_ratios(std::span<CellSummary> cells);

/// Marks where loads are too much: cells that differ in number of users, or in rate, alone are one sweep.
void mark_saturation(std::span<CellSummary> cells);

}  // namespace lumos
