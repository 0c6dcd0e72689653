// The load generator process: sends invocations to the gateway and reports what the client saw, one after the other
// over one connection, or a whole load (control/load/cell_load.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/channel.h"
#include "base/clock.h"
#include "control/load/connection.h"
#include "record/plan.h"

namespace lumos {

struct GeneratorConfig {
  const Plan* plan = nullptr;  // requests by cell
  int port = 0;                // of the gateway on 127.0.0.1
  std::vector<int> cores = {};
  std::map<std::string, Endpoint> links = {};  // the gateway by the factor `link_client`, where it is not there
};

/// Serves orders until the conductor closes its end. Returns the exit code.
int run_generator(const GeneratorConfig& config, Channel conductor);

}  // namespace lumos
