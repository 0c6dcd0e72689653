#include "control/backend/local.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

#include "base/fault.h"
#include "control/backend/density.h"
#include "control/backend/join.h"
#include "host/placement.h"
#include "host/process.h"
#include "record/wire.h"
#include "telemetry/machine_counters.h"
#include "telemetry/process_counters.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

// A listener on a free port of an address of this process's own network namespace.
Expected<std::pair<Fd, int>> listen_at(std::uint32_t at) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(at);
  socklen_t size = sizeof address;
  if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd.get(), 1024) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return fail_errno("listening for the gateway");
  }
  return std::pair(std::move(fd), static_cast<int>(ntohs(address.sin_port)));
}

void end_child(pid_t pid) {
  for (int i = 0; i < 1000; ++i) {
    if (::waitpid(pid, nullptr, WNOHANG) != 0) return;
    std::this_thread::sleep_for(10ms);
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

}  // namespace

Expected<std::unique_ptr<LocalBackend>> LocalBackend::start(LocalConfig config, const LocalProcesses& processes,
                                                            RunMark mark) {
  // First: whatever fails from here on, its end releases the mark.
  std::unique_ptr<LocalBackend> backend(new LocalBackend(std::move(config), std::move(mark)));
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return fail_errno("own network and mount namespaces");
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return fail_errno("private mounts");
  LUMOS_TRY(make_cgroup(backend->config_.launcher.cgroups, backend->mark_.cgroup()));
  backend->instances_ = CgroupCounters::open(backend->config_.launcher.cgroups, backend->mark_.cgroup());
  fault_point("backend.cgroup_made");
  if (backend->config_.surroundings) LUMOS_TRY(backend->config_.surroundings->start(backend->config_.launcher));
  LUMOS_TRY(backend->start_companions(processes));
  fault_point("backend.surrounded");
  Channel launcher_end;
  LUMOS_TRY(backend->start_launcher(launcher_end));
  fault_point("backend.launcher_started");
  LUMOS_TRY(backend->start_others(processes, std::move(launcher_end)));
  fault_point("backend.started");
  backend->place_all();
  if (processes.begin) processes.begin();
  return backend;
}

// A process of the run: no Ctrl-C of the terminal reaches it, and what it has to say goes to the run's log.
Expected<pid_t> LocalBackend::start(unsigned long namespaces, const std::function<int()>& body) {
  const Fd log(::open(config_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!log) return fail_errno(config_.log.string());
  const pid_t pid = LUMOS_TRY(fork_process(namespaces, [&] {
    ::setpgid(0, 0);
    ::dup2(log.get(), 2);
    return body();
  }));
  children_.push_back(pid);
  return pid;
}

Expected<> LocalBackend::start_companions(const LocalProcesses& processes) {
  if (!processes.companions) return {};
  const ForkProcess fork = [this](const std::function<int()>& body) -> Expected<pid_t> {
    const pid_t pid = LUMOS_TRY(start(0, body));
    children_.pop_back();
    companions_.push_back(pid);
    return pid;
  };
  LUMOS_TRY(processes.companions(fork));
  if (processes.describe) around_ = processes.describe();
  return {};
}

Expected<> LocalBackend::start_launcher(Channel& gateway_end) {
  auto [ours, theirs] = LUMOS_TRY(Channel::pair());
  auto [ready, tell_ready] = LUMOS_TRY(Channel::pair());
  LUMOS_TRY(
      start(CLONE_NEWPID | CLONE_NEWNS, [&, &ours = ours, &theirs = theirs, &ready = ready, &tell_ready = tell_ready] {
        ours.close();
        ready.close();
        return run_launcher(config_.launcher, std::move(theirs), std::move(tell_ready));
      }));
  tell_ready.close();
  const auto message = LUMOS_TRY(ready.receive<wire::Text<512>>(30s));
  if (!message) return fail(ErrorCode::kEnvironment, "the launcher did not get ready within 30 s");
  if (!message->str().empty()) return fail(ErrorCode::kEnvironment, "the launcher cannot start: {}", message->str());
  gateway_end = std::move(ours);
  return {};
}

Expected<> LocalBackend::start_others(const LocalProcesses& processes, Channel launcher_end) {
  auto [listener, port] =
      config_.listener ? std::pair(std::move(config_.listener), 0) : LUMOS_TRY(listen_at(config_.gateway_address));
  auto [gateway_ours, gateway_theirs] = LUMOS_TRY(Channel::pair());
  auto [generator_ours, generator_theirs] = LUMOS_TRY(Channel::pair());
  // Under load the gateway reports thousands of requests a second, and must not wait for the conductor to read them.
  const int room = 32 << 20;
  ::setsockopt(gateway_theirs.fd(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  // Each child lets go of the others' ends: an end that lived on in a third process would hide that its owner died.
  LUMOS_TRY(start(0, [&, &gateway_ours = gateway_ours, &gateway_theirs = gateway_theirs,
                      &generator_ours = generator_ours, &generator_theirs = generator_theirs, &listener = listener] {
    gateway_ours.close();
    generator_ours.close();
    generator_theirs.close();
    return processes.gateway(std::move(listener), std::move(gateway_theirs), std::move(launcher_end));
  }));
  launcher_end.close();
  LUMOS_TRY(
      start(0, [&, &gateway_ours = gateway_ours, &gateway_theirs = gateway_theirs, &generator_ours = generator_ours,
                &generator_theirs = generator_theirs, &listener = listener, port = port] {
        listener.reset();
        gateway_ours.close();
        gateway_theirs.close();
        generator_ours.close();
        return processes.generator(port, std::move(generator_theirs));
      }));
  gateway_ = std::move(gateway_ours);
  generator_ = std::move(generator_ours);
  return {};
}

// Ours and the children's, who bind themselves too: only here it is known before the first invocation what was refused.
void LocalBackend::place_all() {
  const Placement& plan = config_.placement;
  const auto put = [&](pid_t pid, const char* role, const Place& place) {
    for (const auto& refused : place_process(pid, place.cores, place.real_time))
      unkept_.push_back(std::format("{}: {}", role, refused));
  };
  put(0, "conductor", plan.conductor);
  put(children_.at(0), "launcher", {.cores = plan.instances.cores});
  put(children_.at(1), "gateway", plan.gateway);
  put(children_.at(2), "generator", plan.generator);
}

LocalBackend::~LocalBackend() {
  end_neighbour_ = nullptr;
  generator_.close();
  gateway_.close();
  std::ranges::reverse(children_);  // the launcher ends when the gateway has
  for (const pid_t pid : children_) end_child(pid);
  for (const pid_t pid : companions_) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  config_.surroundings.reset();
  fault_point("backend.ended");
  instances_ = {};  // a run that is out of descriptors has need of its own
  if (remove_cgroup(config_.launcher.cgroups, mark_.cgroup())) mark_.release();
}

Expected<Sample> LocalBackend::invoke(const Cell& cell, std::int64_t sample) {
  LUMOS_TRY(generator_.send(wire::InvokeOrder{.sample = sample, .cell = cell.id}));
  const auto client = LUMOS_TRY(generator_.receive<wire::ClientRecord>(config_.plan->stop.timeout + 10s));
  if (!client) return fail(ErrorCode::kInternal, "the load generator does not answer");
  std::optional<wire::GatewayRecord> gateway;
  // The gateway reports right after it has answered; a request that never got there has no record.
  const Nanoseconds patience = client->outcome == Outcome::kRefused ? 0ms : 1000ms;
  while (!gateway) {
    const Received received = LUMOS_TRY(receive(patience));
    if (!received.any) break;
    if (received.invocation && received.invocation->sample == sample)
      gateway = received.invocation;  // else of one given up before
  }
  const std::string name = gateway ? std::format("{}-{}", mark_.tag(), gateway->instance) : "";
  const std::string& function = config_.plan->input_of(cell).function;
  return join_records(cell, *client, gateway, name, config_.plan->given_of(function) == nullptr);
}

Expected<> LocalBackend::watch(Nanoseconds patience, const std::function<void(const wire::GatewayRecord&)>& seen) {
  const Received received = LUMOS_TRY(receive(patience));
  if (received.invocation) seen(*received.invocation);
  return {};
}

Expected<Backend::Preparation> LocalBackend::prepare(std::int64_t deployment) {
  LUMOS_TRY(gateway_.send(wire::GatewayOrder{wire::GatewayAction::kPrepare, deployment}));
  for (;;) {
    const Received received = LUMOS_TRY(receive(config_.plan->stop.timeout + 60s));
    if (!received.any) return fail(ErrorCode::kInternal, "deployment {}: its instances do not get ready", deployment);
    if (received.prepared && received.prepared->deployment == deployment)
      return Preparation{.ready = received.prepared->ready, .failure = received.prepared->failure.str()};
  }
}

Expected<std::vector<Instance>> LocalBackend::retire(std::int64_t deployment) {
  LUMOS_TRY(gateway_.send(wire::GatewayOrder{wire::GatewayAction::kRetire, deployment}));
  for (;;) {
    const Received received = LUMOS_TRY(receive(120s));  // a machine may be that busy
    if (!received.any) return fail(ErrorCode::kInternal, "deployment {}: its instances do not end", deployment);
    if (received.retired) return std::exchange(ended_, {});
  }
}

Expected<LocalBackend::Received> LocalBackend::receive(Nanoseconds patience) {
  alignas(16) std::array<std::byte, 2048> buffer{};
  static_assert(sizeof(wire::InstanceRecord) <= sizeof buffer && sizeof(wire::SeriesRecord) <= sizeof buffer);
  const std::size_t size = LUMOS_TRY(gateway_.receive_bytes(buffer.data(), buffer.size(), patience));
  const auto is = [&]<typename T>(T& message) {
    if (size != sizeof message || std::memcmp(buffer.data(), &message.kind, sizeof message.kind) != 0) return false;
    std::memcpy(&message, buffer.data(), sizeof message);
    return true;
  };
  Received received{.any = size > 0};
  wire::InstanceRecord instance;
  wire::SeriesRecord series;
  wire::Retired retired;
  wire::Prepared prepared;
  wire::ScaleRecord scale;
  if (wire::GatewayRecord invocation; is(invocation)) {
    received.invocation = invocation;
  } else if (is(instance)) {
    ended_.push_back(to_instance(instance));
    ended_cpu_ += Nanoseconds(ended_.back().cpu_total_ns.value_or(0));
  } else if (is(series)) {
    keep(series);
  } else if (is(scale)) {
    decisions_.push_back(to_decision(scale));
  } else if (is(prepared)) {
    received.prepared = prepared;
  } else {
    received.retired = is(retired);
  }
  return received;
}

void LocalBackend::keep(const wire::SeriesRecord& record) {
  const auto found = std::ranges::find(ended_, record.instance, &Instance::id);
  if (found == ended_.end()) return;
  for (std::int64_t i = 0; i < record.count; ++i) {
    const auto& p = record.points.at(static_cast<std::size_t>(i));
    found->series.push_back(
        {.t_ns = p.t, .cpu_total_ns = wire::optional(p.cpu_total), .memory_bytes = wire::optional(p.memory)});
  }
}

Expected<std::optional<Backend::Probe>> LocalBackend::probe(const Cell& cell, std::int64_t sample) {
  const auto twin = config_.twins.find(cell.id);
  if (twin == config_.twins.end()) return std::nullopt;
  Probe probe{.sample = LUMOS_TRY(invoke(twin->second, sample))};
  probe.instances = LUMOS_TRY(retire(twin->second.deployment));
  return probe;
}

Expected<std::vector<DensityPoint>> LocalBackend::density(const Cell& cell, std::int64_t instances) {
  struct Told {
    DensityPoint point;
    bool end = false;
    wire::Text<512> error;
  };
  LauncherConfig config = config_.launcher;
  config.specs = {config.specs.at(static_cast<std::size_t>(cell.deployment))};
  config.specs[0].pull.reset();  // what they take is the same wherever the image comes from
  config.cgroup += "/density";
  config.tag += "-density";
  config.slots = static_cast<int>(instances);
  auto [ours, theirs] = LUMOS_TRY(Channel::pair());
  const Fd log(::open(config_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  const pid_t rig = LUMOS_TRY(fork_process(CLONE_NEWNET | CLONE_NEWNS, [&, &ours = ours, &theirs = theirs] {
    ours.close();
    ::setpgid(0, 0);
    ::dup2(log.get(), 2);
    Told told{.end = true};
    const Input& input = config_.plan->input_of(cell);
    const auto end = measure_density(config, input, config_.plan->given_of(input.function),
                                     [&](const DensityPoint& p) { (void)theirs.send(Told{.point = p}); });
    if (!end) told.error = end.error().message;
    return theirs.send(told) ? 0 : 70;
  }));
  theirs.close();
  std::vector<DensityPoint> points;
  std::string error = "ended before its end";
  for (bool end = false; !end;) {
    const auto told = ours.receive<Told>(60s);
    end = !told || !*told || (*told)->end;
    if (end && told && *told) error = (*told)->error.str();
    if (end) break;
    points.push_back((*told)->point);
    points.back().deployment = cell.deployment;
  }
  ours.close();
  end_child(rig);
  if (!error.empty()) return fail(ErrorCode::kEnvironment, "density of {}: {}", config.specs[0].runtime, error);
  return points;
}

Expected<> LocalBackend::begin_neighbour(const Cell& cell) {
  end_neighbour_ = nullptr;  // of a visit that was cut
  if (config_.begin_neighbour) end_neighbour_ = LUMOS_TRY(config_.begin_neighbour(cell));
  return {};
}

NeighbourUse LocalBackend::end_neighbour() {
  const auto end = std::exchange(end_neighbour_, nullptr);
  return end ? end() : NeighbourUse{};
}

CacheUse LocalBackend::set_cache(const Cell& cell) {
  return lumos::set_cache(config_.files.at(static_cast<std::size_t>(cell.deployment)), cell);
}

Expected<> LocalBackend::fill_storage(const Cell& cell) {
  if (!config_.surroundings) return {};
  return config_.surroundings->fill_storage(cell);
}

Expected<std::string> LocalBackend::look_at_stored(const Cell& cell) {
  if (!config_.surroundings) return std::string();
  return config_.surroundings->look_at_stored(cell);
}

MachineUse LocalBackend::machine() const {
  MachineUse use = read_machine();
  if (const auto own = own_cpu()) use.own_cpu_ns = own->count();
  use.throttled_ns = throttled_above_ns(config_.launcher.cgroups, mark_.cgroup() + "/i");
  return use;
}

// This process and its three; the OCI runtimes that the launcher has waited for; living instances. One that has ended
// is among those that the launcher has waited for, and still in the group's counter: counted once.
std::optional<Nanoseconds> LocalBackend::own_cpu() const {
  const auto waited_for = reaped_cpu_of(children_.front());
  const auto instances = instances_.cpu_usage_total_ns();
  if (!waited_for || !instances) return std::nullopt;
  Nanoseconds sum = process_cpu() + *waited_for + Nanoseconds(*instances) - ended_cpu_;
  std::vector<pid_t> all = children_;
  all.insert(all.end(), companions_.begin(), companions_.end());
  for (const pid_t pid : all) {
    const auto cpu = process_cpu_of(pid);
    if (!cpu) return std::nullopt;
    sum += *cpu;
  }
  return sum;
}

nlohmann::ordered_json LocalBackend::describe() const {
  auto runtime_files = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < config_.files.size(); ++i)
    runtime_files[config_.launcher.specs[i].runtime] = to_json(config_.files[i].runtime);
  auto placement = config_.placement.to_json();
  placement["unkept"] = unkept_;
  nlohmann::ordered_json json{
      {"name", "local"},
      {"placement", placement},
      {"slots", config_.launcher.slots},
      {"tag", mark_.tag()},
      {"surroundings", config_.surroundings ? config_.surroundings->describe() : nlohmann::ordered_json()},
      {"runtime_files", runtime_files}};
  json.update(around_);
  return json;
}

}  // namespace lumos
