// Where the time of a cell's invocations went.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/cell_records.h"

namespace lumos {

using NamedMs = std::vector<std::pair<std::string, double>>;  // name, ms

/// Medians over the measured, successful samples that have the part: those that failed stopped at some phase and would
/// blur it. Medians do not sum to the median of the latency; the parts of each sample do, up to its residual.
struct PhaseSummary {
  NamedMs phases;       // of phases_of(), in the order of an invocation's life
  NamedMs mean_phases;  // means, which do sum: with the mean residual to the mean latency
  std::optional<double> mean_residual_ms, mean_latency_ms;  // of the same samples
  NamedMs spans;  // the function's own durations; `receive` and `handle` are in no phase
  std::optional<double> residual_p50_ms, residual_p99_ms;  // of its absolute value
  std::optional<double>
      residual_share_p99;      // p99 of |residual| over what is allowed: 2 % of the latency, at least 50 µs
  std::size_t unstamped = 0;   // successful samples without latency
  std::size_t impossible = 0;  // with a phase below nothing, or longer in sum than the whole, by more than 50 µs
};

PhaseSummary phases_of_cell(const CellRecords& records);

}  // namespace lumos
