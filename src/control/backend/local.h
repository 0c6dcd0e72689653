// `local`: instances on this machine. Owns the launcher, gateway and generator processes and joins what they report.
#pragma once

#include <functional>
#include <memory>

#include "base/channel.h"
#include "control/backend/backend.h"
#include "control/backend/launcher.h"
#include "host/cgroup.h"
#include "host/leftovers.h"
#include "host/placement.h"

namespace lumos {

/// The bodies of the processes that this folder does not know; wired in control/experiment.
struct LocalProcesses {
  std::function<int(Fd listener, Channel conductor, Channel launcher)> gateway;
  std::function<int(int port, Channel conductor)> generator;
};

struct LocalConfig {
  const Plan* plan = nullptr;  // outlives the backend
  LauncherConfig launcher;
  Placement placement;
};

class LocalBackend final : public Backend {
 public:
  /// Leaves this process's network and mount namespaces for new ones, and starts the three processes. The caller is
  /// single-threaded and root. Error: kEnvironment with what the machine refused.
  static Expected<std::unique_ptr<LocalBackend>> start(LocalConfig config, const LocalProcesses& processes, RunMark mark);

  /// Ends the processes in order, kills what does not end, removes the control groups.
  ~LocalBackend() override;

  Expected<Sample> invoke(const Cell& cell, std::int64_t sample) override;
  Expected<std::vector<Instance>> retire(std::int64_t deployment) override;
  const Clock& clock() const override { return clock_; }
  nlohmann::ordered_json describe() const override;

 private:
  explicit LocalBackend(LocalConfig config, RunMark mark) : config_(std::move(config)), mark_(std::move(mark)) {}
  Expected<> start_launcher(Channel& gateway_end);
  Expected<> start_others(const LocalProcesses& processes, Channel launcher_end);

  LocalConfig config_;
  RunMark mark_;
  MonotonicClock clock_;
  Channel gateway_, generator_;
  std::vector<pid_t> children_;      // launcher first
  std::vector<Instance> ended_;      // since the last retire
};

}  // namespace lumos
