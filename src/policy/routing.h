// Which instance gets a request. Pure functions, shared by the gateway and the simulator.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "record/scaling.h"

namespace lumos {

/// An instance that is ready.
struct RoutingCandidate {
  int in_flight = 0;             // requests in it
  std::int64_t last_answer = 0;  // ns; any number below all others for one that has not answered yet
};

/// The index of the instance to use; nullopt when each has `container_concurrency` requests (0: no bound) already.
/// Equal ones: the most recently used, then the first. `draws` are two uniform numbers in [0, 1), used by
/// kTwoRandomChoices.
std::optional<std::size_t> choose_instance(Routing routing, std::span<const RoutingCandidate> candidates,
                                           int container_concurrency, std::array<double, 2> draws);

}  // namespace lumos
