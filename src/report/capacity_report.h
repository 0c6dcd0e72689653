// `capacity`: what was found of each cell, for people and for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "analysis/capacity.h"

namespace lumos {

struct CapacityOfCell {
  std::string label;               // "noop crun"
  nlohmann::ordered_json factors;  // those that the search leaves alone
  Capacity capacity;
};

struct CapacityReport {
  std::string folder;  // of the probes' runs
  std::string slo;
  double precision = 0.05;
  std::string note;  // of the backend, such as scripted; empty = measured
  std::vector<CapacityOfCell> cells;
  bool interrupted = false;

  /// A cell of which no rate met the objectives.
  bool failed() const;
};

/// A row per cell, its findings, the finding in one sentence. No line is wider than 120 columns.
std::string capacity_text(const CapacityReport& report);

/// docs/capacity.md has every field.
std::string capacity_json(const CapacityReport& report);

}  // namespace lumos
