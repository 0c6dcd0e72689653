// A gateway in a process of its own, for tests: the test is its conductor, its launcher and its clients.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "base/channel.h"
#include "control/gateway/gateway.h"
#include "host/process.h"
#include "record/wire.h"

namespace lumos {

/// "POST /" with the headers by which the gateway knows a request.
inline std::string invocation(std::int64_t sample, const std::string& body = "{}", std::int64_t deployment = 0) {
  return http::format_request(
      "POST", "/", "x",
      {{wire::kSampleHeader, std::to_string(sample)}, {wire::kDeploymentHeader, std::to_string(deployment)}}, body);
}

/// So many deployments with the default scaling.
inline std::vector<Scaling> on_demand(std::size_t count) { return std::vector<Scaling>(count); }

/// Starts it before the test has any thread. Whatever the test waits for fails after five seconds.
class RunningGateway {
 public:
  explicit RunningGateway(GatewayConfig config) : config_(std::move(config)) {
    Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener.get(), 4096), 0);
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    auto [conductor, its_conductor] = *Channel::pair();
    auto [launcher, its_launcher] = *Channel::pair();
    const auto pid = fork_process(0, [&, &conductor = conductor, &launcher = launcher, &its_conductor = its_conductor,
                                      &its_launcher = its_launcher] {
      conductor.close();
      launcher.close();
      return run_gateway(config_, std::move(listener), std::move(its_conductor), std::move(its_launcher));
    });
    EXPECT_TRUE(pid.has_value());
    pid_ = *pid;
    conductor_ = std::move(conductor);
    launcher_ = std::move(launcher);
  }
  ~RunningGateway() {
    if (pid_ > 0) {
      EXPECT_EQ(end(), 0);
    }
  }
  RunningGateway(const RunningGateway&) = delete;
  RunningGateway& operator=(const RunningGateway&) = delete;

  int port() const { return port_; }
  pid_t pid() const { return pid_; }
  Nanoseconds cpu() const {
    clockid_t clock{};
    timespec t{};
    ::clock_getcpuclockid(pid_, &clock);
    ::clock_gettime(clock, &t);
    return std::chrono::seconds(t.tv_sec) + Nanoseconds(t.tv_nsec);
  }

  /// Lets go of both channels and waits for its exit code; 128 + signal when it crashed.
  int end() {
    leave_as_conductor();
    leave_as_launcher();
    return wait();
  }
  void leave_as_conductor() { conductor_.close(); }
  void leave_as_launcher() { launcher_.close(); }
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return exit_code_of(status);
  }

  // --- as launcher

  /// The next order; fails when it is another one or for another instance.
  wire::LaunchOrder expect_order(wire::LaunchAction action, std::int64_t instance) {
    const auto order = launcher_.receive<wire::LaunchOrder>(std::chrono::seconds(5));
    if (!order || !*order) {
      ADD_FAILURE() << "no order for instance " << instance;
      return {};
    }
    EXPECT_EQ((*order)->action, action);
    EXPECT_EQ((*order)->instance, instance);
    return **order;
  }
  /// The next order, whatever it is; nullopt when none came.
  std::optional<wire::LaunchOrder> any_order() {
    const auto order = launcher_.receive<wire::LaunchOrder>(std::chrono::seconds(5));
    return order ? *order : std::nullopt;
  }
  bool no_order_within(Nanoseconds time) {
    const auto order = launcher_.receive<wire::LaunchOrder>(time);
    return order && !*order;
  }
  wire::LaunchEvent launched(std::int64_t instance, std::uint32_t address, std::string_view cgroup = "none") {
    wire::LaunchEvent event{.kind = wire::LaunchMessage::kLaunched, .instance = instance, .address = address};
    event.create_begin = monotonic_ns();
    event.create_end = monotonic_ns();
    event.start_begin = monotonic_ns();
    event.start_end = monotonic_ns();
    event.cgroup = cgroup;
    tell(event);
    return event;
  }
  void removed(std::int64_t instance, std::int64_t cpu_total = 0) {
    wire::LaunchEvent event{.kind = wire::LaunchMessage::kRemoved, .instance = instance};
    event.record.instance = instance;
    event.record.cpu_total = cpu_total;
    tell(event);
  }
  void ended(std::int64_t instance) { tell({.kind = wire::LaunchMessage::kEnded, .instance = instance}); }
  void failed(std::int64_t instance, std::string_view note) {
    wire::LaunchEvent event{.kind = wire::LaunchMessage::kFailed, .instance = instance};
    event.record.instance = instance;
    event.record.note = note;
    tell(event);
  }
  /// From the order to the removal of `instance`, which the gateway wants rid of.
  void expect_removal(std::int64_t instance) {
    expect_order(wire::LaunchAction::kRemove, instance);
    removed(instance);
    EXPECT_EQ(expect<wire::InstanceRecord>().instance, instance);
  }

  // --- as conductor

  void retire(std::int64_t deployment) {
    EXPECT_TRUE(conductor_.send(wire::GatewayOrder{wire::GatewayAction::kRetire, deployment}));
  }
  void prepare(std::int64_t deployment) {
    EXPECT_TRUE(conductor_.send(wire::GatewayOrder{wire::GatewayAction::kPrepare, deployment}));
  }

  /// The next message, which must be a T.
  template <typename T>
  T expect() {
    alignas(16) std::array<std::byte, 2048> buffer{};
    const auto size = conductor_.receive_bytes(buffer.data(), buffer.size(), std::chrono::seconds(5));
    T message{};
    EXPECT_TRUE(size.has_value() && *size == sizeof(T)) << "got " << (size ? *size : 0) << " bytes, not " << sizeof(T);
    if (size && *size == sizeof(T)) std::memcpy(&message, buffer.data(), sizeof(T));
    return message;
  }
  bool silent_for(Nanoseconds time) {
    std::array<std::byte, 2048> buffer{};
    const auto size = conductor_.receive_bytes(buffer.data(), buffer.size(), time);
    return size && *size == 0;
  }

 private:
  void tell(const wire::LaunchEvent& event) { EXPECT_TRUE(launcher_.send(event)); }

  GatewayConfig config_;
  int port_ = 0;
  pid_t pid_ = 0;
  Channel conductor_, launcher_;
};

}  // namespace lumos
