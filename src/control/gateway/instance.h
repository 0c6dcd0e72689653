// What the gateway keeps of a request and of an instance. Internal to src/control/gateway.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/gateway/instance_connection.h"
#include "http/event_loop.h"
#include "record/wire.h"
#include "telemetry/cgroup_counters.h"

namespace lumos {

/// A request from its arrival to its answer.
struct Invocation {
  std::int64_t number = 0;  // of its deployment's requests, in the order they came
  std::int64_t client = 0;
  std::string request;  // as it will be sent to the instance
  http::EventLoop::Timer deadline;
  wire::GatewayRecord record;
  bool alone = false;  // no other request was in the deployment when it was dispatched
};

using WaitingLine = std::deque<std::unique_ptr<Invocation>>;

/// A connection to an instance with the request that is in it, if one is.
struct Lane {
  Lane(http::EventLoop& loop, std::uint32_t address, int port, std::function<void(Lane&, Reply)> done)
      : connection(loop, address, port,
                   [this, done = std::move(done)](Reply reply) { done(*this, std::move(reply)); }) {}
  InstanceConnection connection;
  std::unique_ptr<Invocation> current;
};

/// An instance from its order to its removal.
struct GatewayInstance {
  enum class State {
    kStarting,
    kReady,
    kDraining,  // gets no more requests; removed when those in it have ended
    kEnding     // its removal is ordered
  };
  std::int64_t id = 0;
  std::size_t deployment = 0;
  State state = State::kStarting;
  std::optional<std::int64_t> made_for;  // Invocation::number
  wire::LaunchEvent launch;
  std::int64_t ready = wire::kAbsent;
  std::optional<CgroupCounters> counters;
  std::int64_t dispatches = 0, answers = 0;
  std::int64_t last_answer = wire::kAbsent;
  int in_flight = 0;
  std::vector<std::unique_ptr<Lane>> lanes;
  std::vector<Lane*> free_lanes;  // the one used last at the end
  std::optional<http::EventLoop::Timer> start_deadline, idle_end;
};

}  // namespace lumos
