// The key `load` of an experiment. Internal to src/workload.
#pragma once

#include <optional>
#include <vector>

#include "record/load.h"
#include "workload/experiment.h"
#include "workload/yaml.h"

namespace lumos {

/// {closed: {concurrency: [1, 10], think: 50ms, duration: 10s, warmup: 2s}} or {open: {rate: [50], arrivals: poisson,
/// duration: 20s, warmup: 2s}}. A closed load of concurrency 1 without any other key is no load but one request after
/// the other. Reads the file of "arrivals: file:PATH". Error: kUsage with the position.
Expected<LoadPoints> read_load(const YamlNode& node);

}  // namespace lumos
