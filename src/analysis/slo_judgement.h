// Whether the repetitions of a load met objectives.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/cell_records.h"
#include "analysis/check.h"
#include "workload/slo.h"

namespace lumos {

/// What was found of one objective.
struct TermJudgement {
  SloTerm term;
  std::optional<double> value;   // ms, per s, or a share; +inf where failures reach. nullopt: nothing was measured
  std::optional<double> lo, hi;  // its 95 % interval; nullopt: too few requests or repetitions
  bool met = false;              // by the value
  bool sure = false;             // the interval lies on one side of the bound
};

/// The verdict on one cell at one load.
struct Judgement {
  std::vector<TermJudgement> terms;
  bool meets = false;     // every objective is met, the backlog does not grow, and the load was delivered
  bool sure = false;      // of a verdict of "meets": every objective surely; else: one that is missed surely
  bool delivered = true;  // the generator sent what was asked: else nothing is known of this rate
  std::string reason;     // of a verdict of "does not meet"
};

/// Of a cell with a load. `delivered`: its check load_delivered did not fail.
Judgement judge_slo(std::span<const SloTerm> slo, const CellRecords& records, bool delivered, std::uint64_t seed);

}  // namespace lumos
