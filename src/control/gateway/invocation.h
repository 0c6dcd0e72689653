// What the gateway keeps of a request and of an instance. Internal to src/control/gateway.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "control/gateway/instance_connection.h"
#include "http/event_loop.h"
#include "record/wire.h"
#include "telemetry/cgroup_counters.h"

namespace lumos {

/// A request from its arrival to its answer.
struct Invocation {
  std::int64_t client = 0;
  std::size_t deployment = 0;
  std::string request;  // as it will be sent to the instance
  http::EventLoop::Timer deadline;
  wire::GatewayRecord record;
};

/// An instance from its order to its removal.
struct GatewayInstance {
  enum class State { kStarting, kIdle, kBusy, kEnding };
  std::int64_t id = 0;
  std::size_t deployment = 0;
  State state = State::kStarting;
  std::optional<std::int64_t> made_for;  // sample
  wire::LaunchEvent launch;
  std::int64_t ready = wire::kAbsent;
  std::unique_ptr<InstanceConnection> connection;
  std::optional<CgroupCounters> counters;
  std::int64_t dispatches = 0;
  std::int64_t last_answer = wire::kAbsent;
  std::shared_ptr<Invocation> current;
};

using WaitingLine = std::deque<std::shared_ptr<Invocation>>;

}  // namespace lumos
