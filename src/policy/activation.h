// When a waiting request makes a new instance. Pure functions, shared by the gateway and, later, the simulator.
#pragma once

#include <cstdint>
#include <optional>

#include "record/vocabulary.h"

namespace lumos {

/// What the gateway knows of one deployment when a request waits for it. Container concurrency is 1.
struct DeploymentState {
  int idle = 0;      // instances without a request
  int starting = 0;  // instances not ready yet
  int waiting = 0;   // requests without an instance
  int room = 0;      // instances that may still be made
};

enum class Activation { kDispatch, kCreate, kWait };

/// Use an idle instance; else make one for every request that none is being made for; else wait.
Activation activate(const DeploymentState& state);

/// How a request that gets an instance found it. `made_for`: the sample whose request made the instance, if one did.
Start classify_start(std::int64_t sample, std::optional<std::int64_t> made_for, std::int64_t earlier_dispatches);

}  // namespace lumos
