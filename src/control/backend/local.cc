#include "control/backend/local.h"

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
#include "control/backend/join.h"
#include "host/process.h"
#include "record/wire.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

// A listener on a free port of 127.0.0.1 (of this process's own network namespace).
Expected<std::pair<Fd, int>> listen_on_loopback() {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd.get(), 1024) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return fail_errno("listening on loopback");
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

Expected<std::unique_ptr<LocalBackend>> LocalBackend::start(LocalConfig config, const LocalProcesses& processes, RunMark mark) {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return fail_errno("own network and mount namespaces");
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return fail_errno("private mounts");
  std::unique_ptr<LocalBackend> backend(new LocalBackend(std::move(config), std::move(mark)));
  LUMOS_TRY(make_cgroup(backend->config_.launcher.cgroups, backend->mark_.cgroup()));
  fault_point("backend.cgroup_made");
  Channel launcher_end;
  LUMOS_TRY(backend->start_launcher(launcher_end));
  fault_point("backend.launcher_started");
  LUMOS_TRY(backend->start_others(processes, std::move(launcher_end)));
  fault_point("backend.started");
  LUMOS_TRY(bind_to_cores(backend->config_.placement.observers));
  return backend;
}

Expected<> LocalBackend::start_launcher(Channel& gateway_end) {
  auto [ours, theirs] = LUMOS_TRY(Channel::pair());
  auto [ready, tell_ready] = LUMOS_TRY(Channel::pair());
  const pid_t pid = LUMOS_TRY(fork_process(CLONE_NEWPID | CLONE_NEWNS, [&, &ours = ours, &theirs = theirs, &ready = ready, &tell_ready = tell_ready] {
    ::setpgid(0, 0);  // a Ctrl-C at the terminal is for the conductor alone
    ours.close();
    ready.close();
    return run_launcher(config_.launcher, std::move(theirs), std::move(tell_ready));
  }));
  children_.push_back(pid);
  tell_ready.close();
  const auto message = LUMOS_TRY(ready.receive<wire::Text<512>>(30s));
  if (!message) return fail(ErrorCode::kEnvironment, "the launcher did not get ready within 30 s");
  if (!message->str().empty()) return fail(ErrorCode::kEnvironment, "the launcher cannot start: {}", message->str());
  gateway_end = std::move(ours);
  return {};
}

Expected<> LocalBackend::start_others(const LocalProcesses& processes, Channel launcher_end) {
  auto [listener, port] = LUMOS_TRY(listen_on_loopback());
  auto [gateway_ours, gateway_theirs] = LUMOS_TRY(Channel::pair());
  auto [generator_ours, generator_theirs] = LUMOS_TRY(Channel::pair());
  children_.push_back(LUMOS_TRY(fork_process(0, [&, &gateway_ours = gateway_ours, &gateway_theirs = gateway_theirs,
                                                 &generator_ours = generator_ours, &listener = listener] {
    ::setpgid(0, 0);
    gateway_ours.close();
    generator_ours.close();
    return processes.gateway(std::move(listener), std::move(gateway_theirs), std::move(launcher_end));
  })));
  launcher_end.close();
  children_.push_back(LUMOS_TRY(fork_process(0, [&, &gateway_ours = gateway_ours, &gateway_theirs = gateway_theirs, &generator_ours = generator_ours,
                                                 &generator_theirs = generator_theirs, port = port] {
    ::setpgid(0, 0);
    gateway_ours.close();
    gateway_theirs.close();
    generator_ours.close();
    return processes.generator(port, std::move(generator_theirs));
  })));
  gateway_ = std::move(gateway_ours);
  generator_ = std::move(generator_ours);
  return {};
}

LocalBackend::~LocalBackend() {
  generator_.close();
  gateway_.close();
  std::ranges::reverse(children_);  // the launcher ends when the gateway has
  for (const pid_t pid : children_) end_child(pid);
  fault_point("backend.ended");
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
    alignas(16) std::array<std::byte, 1024> buffer{};
    const std::size_t size = LUMOS_TRY(gateway_.receive_bytes(buffer.data(), buffer.size(), patience));
    if (size == 0) break;
    if (size == sizeof(wire::GatewayRecord)) {
      gateway.emplace();
      std::memcpy(&*gateway, buffer.data(), size);
      if (gateway->sample != sample) gateway.reset();  // of an invocation given up before
    } else if (size == sizeof(wire::InstanceRecord)) {
      wire::InstanceRecord record;
      std::memcpy(&record, buffer.data(), size);
      ended_.push_back(to_instance(record));
    }
  }
  const std::string name = gateway ? std::format("{}-{}", mark_.tag(), gateway->instance) : "";
  return join_records(cell, *client, gateway, name);
}

Expected<std::vector<Instance>> LocalBackend::retire(std::int64_t deployment) {
  LUMOS_TRY(gateway_.send(wire::RetireOrder{deployment}));
  for (;;) {
    alignas(16) std::array<std::byte, 1024> buffer{};
    const std::size_t size = LUMOS_TRY(gateway_.receive_bytes(buffer.data(), buffer.size(), 30s));
    if (size == 0) return fail(ErrorCode::kInternal, "deployment {}: its instances do not end", deployment);
    if (size == sizeof(wire::InstanceRecord)) {
      wire::InstanceRecord record;
      std::memcpy(&record, buffer.data(), size);
      ended_.push_back(to_instance(record));
    } else if (size == sizeof(wire::Retired)) {
      return std::exchange(ended_, {});
    }
  }
}

nlohmann::ordered_json LocalBackend::describe() const {
  return {{"name", "local"}, {"placement", config_.placement.to_json()}, {"slots", config_.launcher.slots}, {"tag", mark_.tag()}};
}

}  // namespace lumos
