// A whole run in memory, as the analysis reads it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "record/plan.h"
#include "record/run_folder.h"
#include "record/sample.h"

namespace lumos {

struct RunData {
  std::string name;
  Plan plan;
  std::vector<Visit> visits;
  std::vector<Sample> samples;                              // by id
  std::vector<Instance> instances;                          // by id
  std::vector<LoadRecord> loads;                            // by visit
  std::vector<ScaleDecision> decisions;                     // by visit, deployment, time
  std::vector<DensityPoint> density;                        // by deployment, repetition, instances
  std::vector<std::pair<std::string, std::string>> events;  // kind, detail
  nlohmann::ordered_json manifest = nlohmann::ordered_json::object();
};

/// Reads run.sqlite and, when there is one, manifest.json. Never writes. Errors as Store::open.
Expected<RunData> load_run(const RunFolder& run);

}  // namespace lumos
