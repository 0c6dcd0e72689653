// The launcher process: makes and removes instances, one after the other, as the gateway asks. First process of a pid
// namespace of its own, so that everything it made goes with it, whatever happens.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/channel.h"
#include "base/clock.h"
#include "control/backend/content_store.h"
#include "control/runtime/driver.h"
#include "host/cgroup.h"

namespace lumos {

/// Port on which every function listens that is Lumos's own.
inline constexpr int kFunctionPort = 8080;

/// What instances of one deployment are made of.
struct LaunchSpec {
  std::string runtime;          // RuntimeInfo::id
  std::filesystem::path image;  // unpacked
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // NAME=value; goes before what Lumos says of the same name; may hold secrets
  std::filesystem::path volume;          // LaunchRequest::volume
  std::optional<PullSource> pull;        // where each start pulls `image` from; nullopt: it is there
  std::string folder = "/";              // in the image, where it runs
  std::uint32_t uid = 0, gid = 0;
  int port = kFunctionPort;  // on which it listens
  bool command = false;      // serves one request by its standard input and output (backend/command_adapter.h)
  bool probed = false;       // its starts are looked into (control/runtime/probe.h)
  Limits limits;
  std::vector<int> cores;  // on which it runs, of the launcher's; empty: all of them
};

struct LauncherConfig {
  std::vector<LaunchSpec> specs;  // by Deployment::id
  CgroupTree cgroups;
  std::string cgroup;  // relative path, parent of every instance's
  std::string tag;     // of the run: first part of instance names
  std::vector<int> cores;
  Nanoseconds pull_timeout = std::chrono::seconds(60);
  int slots = 2;                         // instances at one time
  std::vector<std::uint32_t> reachable;  // addresses that instances have a way to
};

/// Serves until the gateway closes its end, then removes every instance. Returns the exit code. `ready` gets one
/// byte-sized message when the network stands.
int run_launcher(const LauncherConfig& config, Channel gateway, Channel ready);

}  // namespace lumos
