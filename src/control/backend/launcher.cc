#include "control/backend/launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "base/fault.h"
#include "base/file.h"
#include "base/units.h"
#include "control/backend/command_adapter.h"
#include "control/runtime/probe.h"
#include "control/runtime/registry.h"
#include "host/network.h"
#include "host/placement.h"
#include "host/process.h"
#include "record/wire.h"
#include "telemetry/cgroup_counters.h"
#include "telemetry/network_counters.h"
#include "telemetry/process_counters.h"
#include "telemetry/process_maps.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

// Each a tmpfs of the launcher's own mount namespace: what is made there goes with it, and no other run sees it.
constexpr const char* kScratch = "/run/lumos";
constexpr const char* kProbeLibrary = "/run/lumos/probe.so";
constexpr const char* kNetworks = "/run/netns";  // where `ip netns` makes its files

struct Running {
  RuntimeDriver* driver = nullptr;
  LaunchRequest request;
  Launched launched;
  std::optional<Pulled> pulled;
  Fd log;
  std::optional<CommandAdapter> adapter;  // of a command
  std::size_t slot = 0;
  bool probed = false;
  std::optional<int> end_status;  // wait status, when it ended by itself
};

// Each name once: who reads them may take the first or the last.
std::vector<std::string> environment_of(const LaunchSpec& spec, const std::string& instance) {
  std::vector<std::string> environment{std::format("PORT={}", spec.port), "LUMOS_INSTANCE=" + instance};
  const auto name = [](const std::string& entry) { return entry.substr(0, entry.find('=')); };
  const auto add = [&](const std::string& entry) {
    const bool there = std::ranges::any_of(environment, [&](const auto& e) { return name(e) == name(entry); });
    if (!there) environment.push_back(entry);
  };
  for (const auto& entry : spec.environment) add(entry);
  add("PATH=/");
  return environment;
}

class Launcher {
 public:
  Launcher(const LauncherConfig& config, Channel gateway)
      : config_(config), gateway_(std::move(gateway)), drivers_(make_runtime_drivers(config.cgroups)) {}

  // Own mounts, own network slots.
  Expected<> prepare() {
    // Its own, whatever it was started with: instances and OCI runtimes inherit both.
    if (const auto refused = place_process(0, config_.cores, false); !refused.empty())
      return fail(ErrorCode::kEnvironment, "{}", refused.front());
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return fail_errno("private mounts");
    if (::mount("proc", "/proc", "proc", 0, nullptr) != 0) return fail_errno("/proc");
    for (const char* folder : {kScratch, kNetworks}) {
      if (::mkdir(folder, 0755) != 0 && errno != EEXIST) return fail_errno(folder);
      if (::mount("tmpfs", folder, "tmpfs", 0, "mode=700,size=1g") != 0) return fail_errno(folder);
    }
    LUMOS_TRY(hide_unified(config_.cgroups));
    SystemCommandRunner runner;
    slots_ = LUMOS_TRY(make_network_slots(runner, config_.slots, config_.reachable));
    slot_taken_.assign(slots_.size(), false);
    LUMOS_TRY(write_probe_library(kProbeLibrary));
    for (const auto& slot : slots_) bytes_before_.push_back(interface_bytes(slot.link));
    return {};
  }

  int serve() {
    sigset_t child, read_otherwise;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    read_otherwise = child;
    sigaddset(&read_otherwise, SIGPIPE);  // a command that has closed its input: write says so
    ::sigprocmask(SIG_BLOCK, &read_otherwise, nullptr);
    const Fd signals(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
    for (;;) {
      std::vector<pollfd> waits{{gateway_.fd(), POLLIN, 0}, {signals.get(), POLLIN, 0}};
      if (::poll(waits.data(), waits.size(), wait_for_commands(waits)) < 0 && errno != EINTR) return 70;
      if (waits[1].revents != 0) {
        signalfd_siginfo info{};
        while (::read(signals.get(), &info, sizeof info) > 0) {
        }
        reap();
      }
      for (auto& [id, instance] : running_) {
        if (instance.adapter) instance.adapter->advance();
      }
      if (waits[0].revents == 0) continue;
      const auto order = gateway_.receive<wire::LaunchOrder>();
      if (!order) break;
      if ((*order)->action == wire::LaunchAction::kLaunch)
        launch(**order);
      else
        remove((*order)->instance);
    }
    while (!running_.empty()) remove(running_.begin()->first);
    return 0;
  }

 private:
  // Adds what the adapters of commands wait for; for how long, ms.
  int wait_for_commands(std::vector<pollfd>& waits) const {
    int patience = -1;
    for (const auto& [id, instance] : running_) {
      if (!instance.adapter) continue;
      instance.adapter->add_waits(waits);
      if (instance.adapter->waits_for_end()) patience = 1;
    }
    return patience;
  }

  void launch(const wire::LaunchOrder& order) {
    fault_point("launch.ordered");
    wire::LaunchEvent event{.kind = wire::LaunchMessage::kLaunched, .instance = order.instance};
    Running instance;
    if (auto made = make(order, instance); !made) {
      event.kind = wire::LaunchMessage::kFailed;
      event.record.instance = order.instance;
      event.record.name = instance.request.name;
      event.record.note = made.error().message + "\n" + log_tail(instance.request.folder);
      discard(instance);
    } else {
      const Launched& l = instance.launched;
      if (const auto& p = instance.pulled) {
        event.pull_begin = p->pull_begin;
        event.pull_end = p->pull_end;
        event.unpack_begin = p->unpack_begin;
        event.unpack_end = p->unpack_end;
      }
      event.create_begin = l.create_begin;
      event.create_end = l.create_end;
      event.start_begin = l.start_begin.value_or(wire::kAbsent);
      event.start_end = l.start_end.value_or(wire::kAbsent);
      event.address = slots_[instance.slot].address;
      event.cgroup = instance.request.cgroup;
      event.record.name = instance.request.name;
      running_.emplace(order.instance, std::move(instance));
    }
    (void)gateway_.send(event);
    if (event.kind == wire::LaunchMessage::kLaunched) reap();
  }

  Expected<> make(const wire::LaunchOrder& order, Running& instance) {
    const LaunchSpec& spec = config_.specs.at(static_cast<std::size_t>(order.deployment));
    for (const auto& driver : drivers_) {
      if (driver->info().id == spec.runtime) instance.driver = driver.get();
    }
    LUMOS_CHECK(instance.driver != nullptr);
    instance.slot = static_cast<std::size_t>(std::ranges::find(slot_taken_, false) - slot_taken_.begin());
    if (instance.slot == slots_.size()) return fail(ErrorCode::kInternal, "no free network slot");
    slot_taken_[instance.slot] = true;
    LaunchRequest& r = instance.request;
    r.name = std::format("{}-{}", config_.tag, order.instance);
    r.image = spec.image;
    r.folder = fs::path(kScratch) / std::to_string(order.instance);
    r.argv = spec.argv;
    r.environment = environment_of(spec, r.name);
    r.working_folder = spec.folder;
    r.uid = spec.uid;
    r.gid = spec.gid;
    r.volume = spec.volume;
    r.cgroup = std::format("{}/i{}", config_.cgroup, order.instance);
    r.network = slots_[instance.slot].path;
    fs::create_directories(r.folder);
    instance.log = Fd(::open((r.folder / "log").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!instance.log) return fail_errno((r.folder / "log").string());
    r.log = instance.log.get();
    if (spec.probed || spec.command) {
      r.probe = kProbeLibrary;
      LUMOS_TRY(make_probe_page(r.probe_page(), spec.command));
    }
    instance.probed = spec.probed;
    if (spec.command) LUMOS_TRY(adapt(spec, order.instance, instance));
    r.limits = spec.limits;
    fault_point("launch.prepared");
    // Who makes an instance runs where the instance will: it inherits the cores.
    if (!spec.cores.empty()) LUMOS_TRY(bind_to_cores(spec.cores));
    const auto launched = pull_and_launch(spec, instance);
    if (!spec.cores.empty()) LUMOS_TRY(bind_to_cores(config_.cores));
    LUMOS_TRY(launched);
    if (instance.adapter) instance.adapter->let_go();
    fault_point("launch.done");
    return {};
  }

  // It listens before the command is there: from then on it stands for it.
  Expected<> adapt(const LaunchSpec& spec, std::int64_t id, Running& instance) {
    const auto end = [this, id]() -> std::optional<std::string> {
      const Running& of = running_.at(id);
      const auto exit_code = read_command_end(of.request.probe_page());
      if (exit_code) return *exit_code == 0 ? "" : std::format("the command ended with {}", *exit_code);
      if (!of.end_status) return std::nullopt;
      return std::format("the command trapped or could not be run: its runtime ended with {}",
                         exit_code_of(*of.end_status));
    };
    Fd listener = LUMOS_TRY(listen_in(instance.request.network, spec.port));
    instance.adapter = LUMOS_TRY(CommandAdapter::make(std::move(listener), instance.log.get(), end));
    instance.request.streams = instance.adapter->streams();
    return {};
  }

  // What the node spends on the pull is spent on the launch.
  Expected<> pull_and_launch(const LaunchSpec& spec, Running& instance) {
    LaunchRequest& r = instance.request;
    const Nanoseconds before = process_cpu();
    if (spec.pull) {
      instance.pulled = LUMOS_TRY(pull_image(*spec.pull, monotonic_ns() + config_.pull_timeout.count(), r.log));
      r.image = instance.pulled->root;
    }
    const Nanoseconds pull_cpu = process_cpu() - before;
    instance.launched = LUMOS_TRY(instance.driver->launch(r));
    if (instance.pulled) instance.launched.cpu_ns += (pull_cpu + instance.pulled->helpers_cpu).count();
    return {};
  }

  // Reads what only a living instance can tell, kills it, removes it, reports.
  void remove(std::int64_t id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    Running& instance = found->second;
    fault_point("remove.ordered");
    wire::LaunchEvent event{.kind = wire::LaunchMessage::kRemoved, .instance = id};
    wire::InstanceRecord& record = event.record;
    record.instance = id;
    read_end(instance, record);
    if (!instance.end_status) {
      const bool by_itself = is_ending(instance.launched.pid);
      int status = 0;
      ::kill(instance.launched.pid, SIGKILL);
      while (::waitpid(instance.launched.pid, &status, 0) < 0 && errno == EINTR) {
      }
      if (by_itself) instance.end_status = status;
    }
    if (instance.end_status)
      record.note = killed_for_memory(record) + end_note(instance);
    else
      record.note = log_tail(instance.request.folder);
    fault_point("remove.killed");
    if (auto removed = instance.driver->remove(instance.request); !removed) record.note = removed.error().message;
    fault_point("remove.removed");
    discard(instance);
    running_.erase(found);
    (void)gateway_.send(event);
  }

  void read_end(const Running& instance, wire::InstanceRecord& record) const {
    const auto absent = [](std::optional<std::int64_t> v) { return v.value_or(wire::kAbsent); };
    const auto group = CgroupCounters::open(config_.cgroups, instance.request.cgroup);
    record.name = instance.request.name;
    record.cpu_launch = instance.launched.cpu_ns;
    record.cpu_total = absent(group.cpu_usage_total_ns());
    record.memory_peak = absent(group.memory_peak_bytes());
    InstanceCounters counters{.memory_bytes = group.memory_bytes()};
    read_cgroup(config_.cgroups, instance.request.cgroup, counters);
    // What came to our end of its link, the instance sent.
    const auto bytes = interface_bytes(slots_[instance.slot].link), before = bytes_before_[instance.slot];
    if (bytes && before) {
      counters.network_receive_bytes = bytes->sent - before->sent;
      counters.network_send_bytes = bytes->received - before->received;
    }
    if (!instance.end_status) {
      record.aot_code = absent(anonymous_code_bytes(instance.launched.pid));
      if (const auto cores = read_process(instance.launched.pid, counters)) record.cores_allowed = *cores;
    }
    record.counters = wire::pack(counters);
    const auto stamped = instance.probed ? read_probe_page(instance.request.probe_page()) : std::vector<StepTime>{};
    for (const auto* steps : {&instance.launched.steps, &stamped}) {
      for (const auto& s : *steps) {
        record.steps[static_cast<std::size_t>(s.step)] = {
            .begin = s.begin_ns, .end = s.end_ns, .cpu = s.cpu_ns.value_or(wire::kAbsent)};
      }
    }
  }

  // A slot's link is read again when its instance is gone and its last packets have passed.
  void discard(Running& instance) {
    if (instance.slot < slot_taken_.size()) {
      slot_taken_[instance.slot] = false;
      bytes_before_[instance.slot] = interface_bytes(slots_[instance.slot].link);
    }
    std::error_code ignored;
    fs::remove_all(instance.request.folder, ignored);
  }

  // Instances that ended by themselves, and orphans that came to us as the first process of the namespace.
  void reap() {
    int status = 0;
    for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      for (auto& [id, instance] : running_) {
        if (instance.launched.pid != pid) continue;
        instance.end_status = status;
        // For a command its adapter goes on: it says how it ended.
        if (!instance.adapter)
          (void)gateway_.send(wire::LaunchEvent{.kind = wire::LaunchMessage::kEnded, .instance = id});
      }
    }
  }

  static std::string end_note(const Running& instance) {
    return std::format("ended by itself with {}\n{}", exit_code_of(*instance.end_status),
                       log_tail(instance.request.folder));
  }

  static std::string killed_for_memory(const wire::InstanceRecord& record) {
    const InstanceCounters counters = wire::unpack(record.counters);
    if (counters.oom_kills.value_or(0) == 0) return "";
    return std::format("killed by the kernel at its memory limit of {}; ",
                       format_bytes(counters.memory_limit_bytes.value_or(0)));
  }

  static std::string log_tail(const fs::path& folder) { return read_tail(folder / "log", 500); }

  const LauncherConfig& config_;
  Channel gateway_;
  std::vector<std::unique_ptr<RuntimeDriver>> drivers_;
  std::vector<NetworkSlot> slots_;
  std::vector<bool> slot_taken_;
  std::vector<std::optional<InterfaceBytes>>
      bytes_before_;  // by slot: that passed its link before its instance was made
  std::map<std::int64_t, Running> running_;
};

}  // namespace

int run_launcher(const LauncherConfig& config, Channel gateway, Channel ready) {
  Launcher launcher(config, std::move(gateway));
  const auto prepared = launcher.prepare();
  wire::Text<512> message;
  if (!prepared) message = prepared.error().message;
  (void)ready.send(message);
  if (!prepared) return 3;
  return launcher.serve();
}

}  // namespace lumos
