// What a cell's invocations and instances took of the machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "analysis/cell_records.h"

namespace lumos {

/// nullopt = not measured.
struct Costs {
  /// CPU of the instance per invocation. Cold: its counter after the one invocation, start included. Warm: what the
  /// counter gained over a visit's invocations over their number, so that its tick does not matter; mean over visits.
  std::optional<double> cpu_ms;
  std::optional<double> cpu_launch_ms;            // OCI runtime and helpers; mean over instances
  std::optional<std::int64_t> memory_peak_bytes;  // of the instance's cgroup; median over instances
};

Costs costs_of(const CellRecords& records);

/// Instances and what is known of their code.
struct CodeProof {
  std::size_t instances = 0;    // that answered or were looked at
  std::size_t ahead = 0;        // with executable mappings of ahead-of-time code
  std::size_t interpreted = 0;  // looked at, and without
};

CodeProof code_proof_of(const CellRecords& records);

}  // namespace lumos
