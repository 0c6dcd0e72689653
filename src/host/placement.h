// Which cores each role of a run uses.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"

namespace lumos {

/// Core numbers by role. Those who watch share the first core; what is watched, and what launches it, has the others.
struct Placement {
  std::vector<int> observers;  // conductor, generator, gateway
  std::vector<int> instances;  // launcher and instances
  bool shared = false;         // one core only: everybody on it

  nlohmann::ordered_json to_json() const;
};

/// The plan for the cores this process may use.
Placement plan_placement(const std::vector<int>& cores);

std::vector<int> allowed_cores();

/// Binds the calling thread and what it starts. Error: kEnvironment.
Expected<> bind_to_cores(const std::vector<int>& cores);

/// From here on the calling thread runs before every ordinary one on its core (SCHED_FIFO); what it starts does not.
/// For a thread that sleeps, on a core of its own. Error: kEnvironment.
Expected<> enter_real_time();

/// "0-1,3" for cgroup files and OCI bundles.
std::string format_cores(const std::vector<int>& cores);

}  // namespace lumos
