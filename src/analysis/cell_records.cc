#include "analysis/cell_records.h"

#include <unordered_map>
#include <utility>

namespace lumos {
namespace {

/// The deployment of a cell; an empty one when the plan lacks it, as in a damaged or foreign file.
const Deployment* deployment_of(const Plan& plan, const Cell& cell) {
  static const Deployment kNone;
  for (const auto& deployment : plan.deployments) {
    if (deployment.id == cell.deployment) return &deployment;
  }
  return &kNone;
}

}  // namespace

bool was_answered(const Sample& sample) {
  return sample.outcome == Outcome::kOk || sample.outcome == Outcome::kWrongOutput ||
         sample.outcome == Outcome::kBadStatus || sample.outcome == Outcome::kStorageFailed;
}

std::vector<const Sample*> CellRecords::measured() const {
  std::vector<const Sample*> result;
  for (const auto& visit : visits) result.insert(result.end(), visit.measured.begin(), visit.measured.end());
  return result;
}

std::vector<CellRecords> records_by_cell(const RunData& run) {
  std::vector<CellRecords> result;
  std::unordered_map<std::int64_t, std::size_t> cells;                           // Cell::id → index in result
  std::unordered_map<std::int64_t, std::pair<std::size_t, std::size_t>> visits;  // Visit::id → and index in its visits
  for (const auto& cell : run.plan.cells) {
    cells.emplace(cell.id, result.size());
    result.push_back({.cell = &cell, .deployment = deployment_of(run.plan, cell)});
  }
  for (const auto& visit : run.visits) {
    const auto cell = cells.find(visit.cell);
    if (cell == cells.end()) continue;
    CellRecords& records = result[cell->second];
    if (!visit.finished) {
      ++records.unfinished_visits;
      continue;
    }
    visits.emplace(visit.id, std::pair(cell->second, records.visits.size()));
    records.visits.push_back({.visit = &visit});
  }
  for (const auto& load : run.loads) {
    const auto visit = visits.find(load.visit);
    if (visit != visits.end()) result[visit->second.first].visits[visit->second.second].load = &load;
  }
  for (const auto& sample : run.samples) {
    const auto visit = visits.find(sample.visit);
    if (visit == visits.end()) continue;
    CellRecords& records = result[visit->second.first];
    auto& of_role = sample.role == Role::kMeasure ? records.visits[visit->second.second].measured
                    : sample.role == Role::kPrime ? records.primes
                                                  : records.probes;
    of_role.push_back(&sample);
    if (sample.role != Role::kProbe && sample.instance && was_answered(sample))
      records.answered.insert(*sample.instance);
  }
  for (const auto& instance : run.instances) {
    const auto visit = visits.find(instance.visit);
    if (visit == visits.end()) continue;
    CellRecords& records = result[visit->second.first];
    records.by_id.emplace(instance.id, &instance);
    if (instance.role != Role::kProbe) records.instances.push_back(&instance);
  }
  return result;
}

}  // namespace lumos
