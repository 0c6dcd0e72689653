// When a waiting request makes a new instance, and how a request found its own. Pure functions, shared by the gateway
// and the simulator.
#pragma once

#include <cstdint>
#include <optional>

#include "record/vocabulary.h"

namespace lumos {

/// What the gateway knows of one deployment when a request waits for it.
struct DeploymentState {
  int idle = 0;                   // ready instances that could take one more request
  int starting = 0;               // instances not ready yet
  int waiting = 0;                // requests without an instance
  int room = 0;                   // instances that may still be made
  int container_concurrency = 1;  // requests at a time in one instance; 0: as many as come
};

enum class Activation { kDispatch, kCreate, kWait };

/// Use an instance that can take it; else make one for the requests that none is being made for; else wait.
Activation activate(const DeploymentState& state);

/// Of the waiting requests, how many the instances that are starting will take.
int covered_by_starting(const DeploymentState& state);

/// What of the instance's life decides how a request found it.
struct Meeting {
  std::int64_t request = 0;
  std::optional<std::int64_t> made_for;  // the request that the instance was made for, if it was for one
  std::int64_t answers = 0;              // that the instance had given
  bool waited = false;                   // the request was there before the instance was ready
};

Start classify_start(const Meeting& meeting);

}  // namespace lumos
