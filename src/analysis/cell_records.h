// A run's records, sorted to the cells they belong to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "record/run_data.h"

namespace lumos {

/// One finished visit.
struct VisitRecords {
  const Visit* visit = nullptr;
  std::vector<const Sample*> measured;  // Role::kMeasure, in the order sent; of a load those that were kept
  const LoadRecord* load = nullptr;     // of a load: all its requests, kept or not
};

/// What was recorded at one cell. Unfinished visits are left out: --resume repeats them, and both would count twice.
struct CellRecords {
  const Cell* cell = nullptr;
  const Deployment* deployment = nullptr;
  std::vector<VisitRecords> visits;
  std::vector<const Sample*> primes;              // Role::kPrime
  std::vector<const Sample*> probes;              // Role::kProbe
  std::vector<const Instance*> instances;         // those of probes not among them
  std::map<std::int64_t, const Instance*> by_id;  // of all, those of probes too
  std::set<std::int64_t> answered;                // Instance::id of those that answered anything but a probe
  std::size_t unfinished_visits = 0;

  /// The measured samples of all visits.
  std::vector<const Sample*> measured() const;
};

/// One entry per plan cell, in its order. Points into `run`, which must outlive it. Records that no cell knows are
/// ignored.
std::vector<CellRecords> records_by_cell(const RunData& run);

/// Whether the function answered the invocation, rightly or not.
bool was_answered(const Sample& sample);

}  // namespace lumos
