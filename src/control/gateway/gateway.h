// The gateway process: routes requests to instances, has them made, keeps them, and stamps every phase.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/channel.h"
#include "base/clock.h"
#include "base/fd.h"
#include "control/gateway/client.h"
#include "host/cgroup.h"
#include "record/scaling.h"

namespace lumos {

/// How instances of a deployment are reached that is none of Lumos's own.
struct InstanceDoor {
  int port = 0;
  std::string ready;  // a path that answers 2xx or 3xx once it is ready; empty: it listens
};

struct GatewayConfig {
  std::vector<Scaling> deployments;  // by Deployment::id
  int max_instances = 2;             // at one time, over all deployments
  int instance_port = 0;
  std::map<std::size_t, InstanceDoor> doors = {};  // by deployment; others are reached at instance_port
  std::int64_t first_instance = 1;                 // Instance::id of the first one
  Nanoseconds timeout = std::chrono::seconds(60);  // from a request's arrival to its instance's answer
  CgroupTree cgroups;
  std::vector<int> cores;
  Nanoseconds series_period{0};  // between two readings of every living instance; 0: none
  ClientLimits clients;
};

/// Serves `listener`, which does not block, until the conductor closes its end. Returns the exit code.
int run_gateway(const GatewayConfig& config, Fd listener, Channel conductor, Channel launcher);

}  // namespace lumos
