#include "control/gateway/gateway.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "base/fault.h"
#include "control/gateway/client.h"
#include "control/gateway/invocation.h"
#include "control/gateway/series_log.h"
#include "host/placement.h"
#include "policy/activation.h"

namespace lumos {
namespace {

using State = GatewayInstance::State;

class Gateway {
 public:
  Gateway(const GatewayConfig& config, Fd listener, Channel conductor, Channel launcher)
      : config_(config),
        listener_(std::move(listener)),
        conductor_(std::move(conductor)),
        launcher_(std::move(launcher)),
        waiting_(config.deployments),
        next_instance_(config.first_instance) {
    if (config.series_period == Nanoseconds(0)) return;
    ticks_ = Fd(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    if (ticks_) series_.emplace(config.series_period, monotonic_ns());
  }

  int run() {
    loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept_client(); });
    loop_.watch(conductor_.fd(), EPOLLIN, [this](std::uint32_t) { on_conductor(); });
    loop_.watch(launcher_.fd(), EPOLLIN, [this](std::uint32_t) { on_launcher(); });
    if (series_) loop_.watch(ticks_.get(), EPOLLIN, [this](std::uint32_t) { tick(); });
    loop_.run();
    return 0;
  }

 private:
  // --- clients

  void accept_client() {
    Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd) return;
    const std::int64_t id = ++client_numbers_;
    clients_[id] = std::make_unique<Client>(
        loop_, std::move(fd), [this, id](const http::Message& m) { on_request(id, m); },
        [this, id] { loop_.after(Nanoseconds(0), [this, id] { clients_.erase(id); }); });
  }

  static std::int64_t header_number(const http::Message& message, std::string_view name, std::int64_t otherwise) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const std::string_view text = message.header(lower);
    std::int64_t value = otherwise;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    return status == std::errc{} && end == text.data() + text.size() ? value : otherwise;
  }

  void on_request(std::int64_t client, const http::Message& message) {
    const std::int64_t received = monotonic_ns();
    fault_point("request.received");
    const std::int64_t deployment = header_number(message, wire::kDeploymentHeader, 0);
    if (deployment < 0 || deployment >= static_cast<std::int64_t>(waiting_.size())) {
      return answer(client, http::format_response(404, R"({"error":"no such deployment"})"));
    }
    auto invocation = std::make_shared<Invocation>();
    invocation->client = client;
    invocation->deployment = static_cast<std::size_t>(deployment);
    invocation->request =
        http::format_request(message.method, message.target, "instance", passed_on(message), message.body);
    invocation->record.sample = header_number(message, wire::kSampleHeader, 0);
    invocation->record.received = received;
    invocation->deadline = loop_.after(config_.timeout, [this, invocation] { on_deadline(invocation); });
    waiting_[invocation->deployment].push_back(invocation);
    pump(invocation->deployment);
  }

  // All that is not between two neighbours, and Content-Type first, as it came.
  static std::vector<std::pair<std::string, std::string>> passed_on(const http::Message& message) {
    static constexpr std::string_view kOwn[] = {"host", "connection", "content-length", "content-type",
                                                "transfer-encoding"};
    std::vector<std::pair<std::string, std::string>> headers{
        {"Content-Type", std::string(message.header("content-type"))}};
    for (const auto& [name, value] : message.headers) {
      if (!std::ranges::contains(kOwn, name) && !name.starts_with("lumos-")) headers.emplace_back(name, value);
    }
    return headers;
  }

  void answer(std::int64_t client, std::string bytes, bool keep_alive = true) {
    if (const auto found = clients_.find(client); found != clients_.end())
      found->second->respond(std::move(bytes), keep_alive);
  }

  // --- requests and instances

  void pump(std::size_t deployment) {
    WaitingLine& line = waiting_[deployment];
    for (;;) {
      DeploymentState state{.waiting = static_cast<int>(line.size())};
      GatewayInstance* idle = nullptr;
      for (auto& [id, instance] : instances_) {
        if (instance.deployment != deployment) continue;
        state.starting += instance.state == State::kStarting ? 1 : 0;
        if (instance.state != State::kIdle) continue;
        ++state.idle;
        if (idle == nullptr || instance.last_answer > idle->last_answer) idle = &instance;  // most recently used
      }
      state.room = config_.max_instances - static_cast<int>(instances_.size());
      switch (activate(state)) {
        case Activation::kDispatch:
          LUMOS_CHECK(idle != nullptr);
          dispatch(*idle, line);
          break;
        case Activation::kCreate:
          create(deployment, line[static_cast<std::size_t>(state.starting)]->record.sample);
          break;
        case Activation::kWait:
          return;
      }
    }
  }

  // A free slot goes to the deployment whose request has waited longest.
  void pump_all() {
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      if (!waiting_[i].empty()) waiting.push_back(i);
    }
    std::ranges::sort(waiting, {}, [this](std::size_t i) { return waiting_[i].front()->record.received; });
    for (const std::size_t deployment : waiting) pump(deployment);
  }

  void create(std::size_t deployment, std::int64_t made_for) {
    const std::int64_t id = next_instance_++;
    GatewayInstance& instance = instances_[id];
    instance.id = id;
    instance.deployment = deployment;
    instance.made_for = made_for;
    order(wire::LaunchAction::kLaunch, instance);
    if (series_ && !ticking_) set_ticks(true);
  }

  void order(wire::LaunchAction action, const GatewayInstance& instance) {
    const wire::LaunchOrder order{action, instance.id, static_cast<std::int64_t>(instance.deployment)};
    if (!launcher_.send(order)) loop_.stop();
  }

  void dispatch(GatewayInstance& instance, WaitingLine& line) {
    const auto invocation = line.front();
    line.pop_front();
    instance.state = State::kBusy;
    instance.current = invocation;
    wire::GatewayRecord& r = invocation->record;
    r.start = classify_start(r.sample, instance.made_for, instance.dispatches);
    r.instance = instance.id;
    r.dispatches = ++instance.dispatches;
    if (r.start == Start::kCold || r.start == Start::kBehind) {
      r.create_begin = instance.launch.create_begin;
      r.create_end = instance.launch.create_end;
      r.start_begin = instance.launch.start_begin;
      r.start_end = instance.launch.start_end;
      r.ready = instance.ready;
    }
    if (instance.counters && r.dispatches > 1) {
      r.cpu_before = instance.counters->cpu_usage_total_ns().value_or(wire::kAbsent);
    }
    r.dispatched = monotonic_ns();
    if (instance.last_answer != wire::kAbsent) r.idle_gap = r.dispatched - instance.last_answer;
    instance.connection->exchange(invocation->request,
                                  [this, id = instance.id](Reply reply) { on_reply(id, std::move(reply)); });
    fault_point("request.dispatched");
    // Off the latency path: while the function works. A new instance's counter started at zero.
    if (!instance.counters) instance.counters = CgroupCounters::open(config_.cgroups, instance.launch.cgroup.str());
  }

  void on_reply(std::int64_t id, Reply reply) {
    GatewayInstance& instance = instances_.at(id);
    const auto invocation = std::exchange(instance.current, nullptr);
    if (!invocation) return;
    fault_point("reply.received");
    invocation->record.responded = reply.responded;
    instance.last_answer = reply.responded;
    if (reply.outcome != Outcome::kOk) {
      fail(*invocation, reply.outcome, "the instance gave no valid answer");
      return remove(instance);
    }
    instance.state = State::kIdle;
    answer(invocation->client, std::move(reply.bytes), reply.keep_alive);
    if (instance.counters)
      invocation->record.cpu_after = instance.counters->cpu_usage_total_ns().value_or(wire::kAbsent);
    fault_point("reply.passed_on");
    report(*invocation);
    pump(instance.deployment);
  }

  void fail(Invocation& invocation, Outcome outcome, const char* why) {
    invocation.record.failed = true;
    invocation.record.outcome = outcome;
    const int status = outcome == Outcome::kTimeout                                         ? 504
                       : outcome == Outcome::kLaunchFailed || outcome == Outcome::kNotReady ? 503
                                                                                            : 502;
    const std::string reason = std::format("{}: {}\r\n", wire::kOutcomeHeader, name_of(outcome));
    answer(invocation.client, http::format_response(status, std::format(R"({{"error":"{}"}})", why), true, reason));
    report(invocation);
  }

  void report(const Invocation& invocation) {
    loop_.cancel(invocation.deadline);
    if (!conductor_.send(invocation.record)) loop_.stop();
  }

  void on_deadline(const std::shared_ptr<Invocation>& invocation) {
    WaitingLine& line = waiting_[invocation->deployment];
    if (const auto at = std::ranges::find(line, invocation); at != line.end()) {
      line.erase(at);
      fail(*invocation, Outcome::kNotReady, "no instance became ready in time");
    }
    for (auto& [id, instance] : instances_) {
      const bool has_it = instance.current == invocation;
      if (has_it) {
        instance.current = nullptr;
        fail(*invocation, Outcome::kTimeout, "the instance did not answer in time");
      }
      if (has_it || (instance.state == State::kStarting && instance.made_for == invocation->record.sample))
        remove(instance);
    }
  }

  void remove(GatewayInstance& instance) {
    if (instance.state == State::kEnding) return;
    instance.state = State::kEnding;
    order(wire::LaunchAction::kRemove, instance);
  }

  // --- launcher

  void on_launcher() {
    const auto received = launcher_.receive<wire::LaunchEvent>();
    if (!received) return loop_.stop();
    const wire::LaunchEvent& event = **received;
    const auto found = instances_.find(event.instance);
    if (found == instances_.end()) return;
    GatewayInstance& instance = found->second;
    switch (event.kind) {
      case wire::LaunchMessage::kLaunched:
        on_launched(instance, event);
        break;
      case wire::LaunchMessage::kEnded:
        on_ended(instance);
        break;
      case wire::LaunchMessage::kFailed:
        fail_maker(instance, Outcome::kLaunchFailed, "the runtime could not create the instance");
        [[fallthrough]];
      case wire::LaunchMessage::kRemoved:
        on_removed(instance, event);
        break;
    }
  }

  void on_launched(GatewayInstance& instance, const wire::LaunchEvent& event) {
    instance.launch = event;
    if (instance.state != State::kStarting) return;  // given up meanwhile; its removal is ordered
    instance.connection = std::make_unique<InstanceConnection>(loop_, event.address, door_of(instance).port);
    instance.connection->open([this, id = instance.id](std::int64_t ready) {
      if (const InstanceDoor door = door_of(instances_.at(id)); door.ready.empty())
        on_ready(id, ready);
      else
        ask_ready(id, door.ready);
    });
  }

  InstanceDoor door_of(const GatewayInstance& instance) const {
    const auto found = config_.doors.find(instance.deployment);
    return found == config_.doors.end() ? InstanceDoor{.port = config_.instance_port, .ready = ""} : found->second;
  }

  void on_ready(std::int64_t id, std::int64_t ready) {
    GatewayInstance& listening = instances_.at(id);
    if (listening.state != State::kStarting) return;  // given up meanwhile
    listening.ready = ready;
    listening.state = State::kIdle;
    pump(listening.deployment);
  }

  // Until it says so; as often as something that does not listen is tried.
  void ask_ready(std::int64_t id, const std::string& path) {
    const auto found = instances_.find(id);
    if (found == instances_.end() || found->second.state != State::kStarting) return;
    found->second.connection->exchange(
        http::format_request("GET", path, "instance", {}, ""), [this, id, path](const Reply& reply) {
          const bool ready = reply.outcome == Outcome::kOk && reply.bytes.size() > 9 &&
                             (reply.bytes[9] == '2' || reply.bytes[9] == '3');  // "HTTP/1.1 204"
          if (ready) return on_ready(id, reply.responded);
          loop_.after(std::chrono::microseconds(500), [this, id, path] { ask_ready(id, path); });
        });
  }

  void fail_maker(GatewayInstance& instance, Outcome outcome, const char* why) {
    WaitingLine& line = waiting_[instance.deployment];
    const auto at = std::ranges::find_if(line, [&](const auto& i) { return i->record.sample == instance.made_for; });
    if (at == line.end()) return;
    const auto invocation = std::move(*at);
    line.erase(at);
    invocation->record.instance = instance.id;
    fail(*invocation, outcome, why);
  }

  void on_ended(GatewayInstance& instance) {
    if (instance.state == State::kStarting)
      fail_maker(instance, Outcome::kNotReady, "the instance ended before it listened");
    fail_current(instance);
    remove(instance);
  }

  void fail_current(GatewayInstance& instance) {
    const auto invocation = std::exchange(instance.current, nullptr);
    if (!invocation) return;
    invocation->record.responded = monotonic_ns();
    fail(*invocation, Outcome::kReset, "the instance ended in mid-request");
  }

  void on_removed(GatewayInstance& instance, const wire::LaunchEvent& event) {
    fail_current(instance);
    wire::InstanceRecord record = event.record;
    record.kind = wire::GatewayMessage::kInstance;
    if (series_) {
      InstanceCounters counters = wire::unpack(record.counters);
      counters.series_missed = series_->missed(event.instance);
      record.counters = wire::pack(counters);
      ended_[instance.deployment].push_back(event.instance);
    }
    instances_.erase(event.instance);
    if (!conductor_.send(record)) return loop_.stop();
    confirm_retired();
    pump_all();
  }

  // --- conductor

  void on_conductor() {
    const auto order = conductor_.receive<wire::RetireOrder>();
    if (!order) return loop_.stop();
    retiring_.insert(static_cast<std::size_t>((*order)->deployment));
    for (auto& [id, instance] : instances_) {
      if (instance.deployment == static_cast<std::size_t>((*order)->deployment)) remove(instance);
    }
    confirm_retired();
  }

  void confirm_retired() {
    std::erase_if(retiring_, [this](std::size_t deployment) {
      for (const auto& [id, instance] : instances_) {
        if (instance.deployment == deployment) return false;
      }
      for (const std::int64_t id : std::exchange(ended_[deployment], {})) (void)series_->send(id, conductor_);
      if (!conductor_.send(wire::Retired{.deployment = static_cast<std::int64_t>(deployment)})) loop_.stop();
      return true;
    });
  }

  // --- time series

  // Ticks come by a descriptor: a timer of the loop would have to be set for every wait of the loop, on the path of
  // each request.
  void set_ticks(bool on) {
    const auto spec = [](Nanoseconds t) {
      return timespec{.tv_sec = t.count() / 1'000'000'000, .tv_nsec = t.count() % 1'000'000'000};
    };
    itimerspec when{};
    if (on) when = {.it_interval = spec(config_.series_period), .it_value = spec(series_->until_next(monotonic_ns()))};
    ::timerfd_settime(ticks_.get(), 0, &when, nullptr);
    ticking_ = on;
  }

  void tick() {
    std::uint64_t expired = 0;
    (void)!::read(ticks_.get(), &expired, sizeof expired);
    const std::int64_t now = monotonic_ns();
    for (auto& [id, instance] : instances_) {
      if (instance.launch.cgroup.bytes[0] == 0) continue;  // not launched yet
      if (!instance.counters) instance.counters = CgroupCounters::open(config_.cgroups, instance.launch.cgroup.str());
      series_->read(id, *instance.counters, now);
    }
    if (instances_.empty()) set_ticks(false);
  }

  const GatewayConfig& config_;
  Fd listener_;
  Channel conductor_, launcher_;
  http::EventLoop loop_;
  std::map<std::int64_t, std::unique_ptr<Client>> clients_;
  std::map<std::int64_t, GatewayInstance> instances_;
  std::vector<WaitingLine> waiting_;  // by deployment
  std::set<std::size_t> retiring_;
  Fd ticks_;  // a timerfd
  std::optional<SeriesLog> series_;
  std::map<std::size_t, std::vector<std::int64_t>>
      ended_;  // by deployment: instances whose series the conductor has not got
  bool ticking_ = false;
  std::int64_t client_numbers_ = 0, next_instance_ = 1;
};

}  // namespace

int run_gateway(const GatewayConfig& config, Fd listener, Channel conductor, Channel launcher) {
  (void)bind_to_cores(config.cores);
  return Gateway(config, std::move(listener), std::move(conductor), std::move(launcher)).run();
}

}  // namespace lumos
