// What the phases of a cold start are made of.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "analysis/cell_records.h"
#include "analysis/phases.h"
#include "stats/bootstrap.h"

namespace lumos {

/// A step, as far as it lies within one phase; or "rest", what of the phase no step has.
struct AnatomyPart {
  std::string phase, step;
  double share = 0;              // of the phase: the sums of both over the starts that were looked into
  double ms = 0;                 // that share of the cell's mean phase; with the rest they add up to it
  std::optional<double> cpu_ms;  // mean CPU of the step's thread; of one that lies in several phases, in the first
};

struct Anatomy {
  std::size_t starts = 0;            // that were looked into
  bool probed = false;               // by probes, beside the measured ones; else these are the measured ones
  std::optional<Estimate> slowdown;  // probes: median latency over that of the measured starts of the same visits
  std::vector<AnatomyPart> parts;    // in the order of phases and of steps
};

/// Of a cold cell whose probes, or else whose measured starts, have steps; only answered starts. nullopt: there is
/// none. `seed` is that of the interval.
std::optional<Anatomy> anatomy_of(const CellRecords& records, const PhaseSummary& phases, std::uint64_t seed);

}  // namespace lumos
