// `local`: instances on this machine. Owns the launcher, gateway and generator processes and joins what they report.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <variant>

#include "base/channel.h"
#include "control/backend/backend.h"
#include "control/backend/launcher.h"
#include "control/backend/start_files.h"
#include "control/backend/surroundings.h"
#include "host/cgroup.h"
#include "host/leftovers.h"
#include "policy/placement.h"
#include "record/wire.h"
#include "telemetry/cgroup_counters.h"

namespace lumos {

class LoadJoin;

/// Starts a process of the run with that body. Error: kEnvironment.
using ForkProcess = std::function<Expected<pid_t>(const std::function<int()>& body)>;

/// The bodies of the processes that this folder does not know; wired in control/experiment.
struct LocalProcesses {
  std::function<int(Fd listener, Channel conductor, Channel launcher)> gateway;
  std::function<int(int port, Channel conductor)> generator;
  /// What stands round the instances, such as links: made in the run's own namespaces after the surroundings, before
  /// all else, where its processes are started by `fork`. They are killed after all else but these. May be empty.
  std::function<Expected<>(const ForkProcess& fork)> companions = {};
  /// When all stands, before the first visit. May be empty.
  std::function<void()> begin = {};
  /// What stands round the instances, for the manifest: keys of the backend's. May be empty.
  std::function<nlohmann::ordered_json()> describe = {};
};

struct LocalConfig {
  const Plan* plan = nullptr;  // outlives the backend
  std::filesystem::path log;   // standard error of the three processes
  LauncherConfig launcher;
  std::vector<StartFiles> files;       // by Deployment::id
  std::map<std::int64_t, Cell> twins;  // by Cell::id: the cell by which it is probed
  Placement placement;
  /// Sets a cell's neighbour to work, and returns what ends it; none: no cell has one.
  std::function<Expected<std::function<NeighbourUse()>>(const Cell&)> begin_neighbour;
  std::uint32_t gateway_address = (127U << 24) + 1;  // at which it listens, host byte order
  std::shared_ptr<const void> kept;                  // lives as long as the backend
  Fd listener;  // where the gateway is asked, in the namespace of the caller; none: one of the backend's own
  std::unique_ptr<Surroundings> surroundings;  // nullptr: none
};

class LocalBackend final : public Backend {
 public:
  /// Leaves this process's network and mount namespaces for new ones, and starts the three processes. The caller is
  /// single-threaded and root. Error: kEnvironment with what the machine refused.
  static Expected<std::unique_ptr<LocalBackend>> start(LocalConfig config, const LocalProcesses& processes,
                                                       RunMark mark);

  /// Ends the processes in order, kills what does not end, removes the control groups.
  ~LocalBackend() override;

  /// Waits at most so long for word of a request from whoever asked, and hands it on.
  Expected<> watch(Nanoseconds patience, const std::function<void(const wire::GatewayRecord&)>& seen);
  Expected<Preparation> prepare(std::int64_t deployment) override;
  Expected<Sample> invoke(const Cell& cell, std::int64_t sample) override;
  Expected<Load> load(const Cell& cell, const LoadTask& task) override;
  Expected<std::vector<Instance>> retire(std::int64_t deployment) override;
  Expected<std::optional<Probe>> probe(const Cell& cell, std::int64_t sample) override;
  Expected<std::vector<DensityPoint>> density(const Cell& cell, std::int64_t instances) override;
  std::vector<ScaleDecision> take_decisions() override { return std::exchange(decisions_, {}); }
  CacheUse set_cache(const Cell& cell) override;
  Expected<> begin_neighbour(const Cell& cell) override;
  NeighbourUse end_neighbour() override;
  Expected<> fill_storage(const Cell& cell) override;
  Expected<std::string> look_at_stored(const Cell& cell) override;
  MachineUse machine() const override;
  const Clock& clock() const override { return clock_; }
  nlohmann::ordered_json describe() const override;

 private:
  explicit LocalBackend(LocalConfig config, RunMark mark) : config_(std::move(config)), mark_(std::move(mark)) {}
  Expected<pid_t> start(unsigned long namespaces, const std::function<int()>& body);
  Expected<> start_companions(const LocalProcesses& processes);
  Expected<> start_launcher(Channel& gateway_end);
  /// One message of the gateway, if one comes in time. What it says of instances is kept for `retire`.
  struct Received {
    bool any = false, retired = false;
    std::optional<wire::GatewayRecord> invocation;
    std::optional<wire::Prepared> prepared;
  };
  Expected<Received> receive(Nanoseconds patience);
  // One message of the generator about a load; monostate: none came in time. What comes at its end stands last.
  using FromGenerator = std::variant<std::monostate, wire::LoadBegins, wire::LoadStanding, wire::LoadSampleRecord,
                                     wire::LoadLatencies, wire::LoadEnd>;
  Expected<FromGenerator> receive_of_load(Nanoseconds patience);
  Expected<> take_up(LoadJoin& join);
  void keep(const wire::SeriesRecord& record);
  std::optional<Nanoseconds> own_cpu() const;
  Expected<> start_others(const LocalProcesses& processes, Channel launcher_end);
  void place_all();

  LocalConfig config_;
  RunMark mark_;
  MonotonicClock clock_;
  Channel gateway_, generator_;
  std::function<NeighbourUse()> end_neighbour_;
  std::vector<pid_t> children_;                                       // launcher first
  std::vector<pid_t> companions_;                                     // what stands round the instances
  nlohmann::ordered_json around_ = nlohmann::ordered_json::object();  // of it, for the manifest
  std::vector<std::string> unkept_;                                   // of the placement: what the kernel refused
  std::vector<Instance> ended_;                                       // since the last retire
  std::vector<ScaleDecision> decisions_;                              // since they were last taken
  CgroupCounters instances_;  // of all instances, those that have ended included
  Nanoseconds ended_cpu_{0};  // of those that have ended
};

}  // namespace lumos
