// The instances of a deployment and how many there are to be.
#include <algorithm>
#include <tuple>

#include "control/gateway/dispatcher.h"
#include "policy/activation.h"

namespace lumos {

// --- what is wanted

// Whether this is the first that is asked of it since it was retired.
bool Dispatcher::begin() {
  if (std::exchange(in_use_, true)) return false;
  if (scaling_.autoscaler != Autoscaler::kKpa) return true;
  scaler_.emplace(scaling_);
  scaler_->observe(Nanoseconds(monotonic_ns()), requests_);
  next_tick_ = shared_.loop.after(scaler_->tick_interval(), [this] { tick(); });
  return true;
}

int Dispatcher::count_of(State state) const {
  return static_cast<int>(std::ranges::count(instances_, state, &GatewayInstance::state));
}

int Dispatcher::room() const {
  const int machine = shared_.instances.room();
  return scaling_.max_scale == 0 ? machine : std::min(machine, static_cast<int>(scaling_.max_scale) - alive());
}

DeploymentState Dispatcher::state() const {
  return {.starting = count_of(State::kStarting),
          .waiting = static_cast<int>(line_.size()),
          .room = room(),
          .container_concurrency = static_cast<int>(scaling_.container_concurrency)};
}

// Whether a waiting request, of which no instance can take one more, has an instance made.
bool Dispatcher::wants_one() {
  if (scaling_.autoscaler == Autoscaler::kOnDemand) return activate(state()) == Activation::kCreate;
  if (alive() > 0 || room() <= 0) return false;
  begin();
  log(scaler_->activate(Nanoseconds(monotonic_ns())));
  return true;
}

// The first of those in line that no starting instance will take.
std::int64_t Dispatcher::first_uncovered() const {
  const auto covered = static_cast<std::size_t>(covered_by_starting(state()));
  return line_[std::min(covered, line_.size() - 1)]->number;
}

void Dispatcher::tick() {
  next_tick_ = shared_.loop.after(scaler_->tick_interval(), [this] { tick(); });
  const ScaleDecision decision = scaler_->tick(Nanoseconds(monotonic_ns()), count_of(State::kReady));
  log(decision);
  create_ahead(decision.desired - alive());
  remove_some(alive() - decision.desired);
}

void Dispatcher::log(const ScaleDecision& d) {
  constexpr double kNoData = std::numeric_limits<double>::quiet_NaN();
  shared_.conductor.send(wire::ScaleRecord{.deployment = static_cast<std::int64_t>(deployment_),
                                           .time = d.time.count(),
                                           .stable_concurrency = d.stable_concurrency.value_or(kNoData),
                                           .panic_concurrency = d.panic_concurrency.value_or(kNoData),
                                           .desired = d.desired,
                                           .actual = d.actual,
                                           .reason = d.reason,
                                           .panicking = d.panicking});
}

void Dispatcher::prepare() {
  begin();
  int wanted = static_cast<int>(std::max(scaling_.min_scale, scaling_.initial_scale));
  if (scaling_.max_scale > 0) wanted = std::min(wanted, static_cast<int>(scaling_.max_scale));
  preparing_ = wanted;
  const int missing = wanted - alive();
  if (missing > room())
    return check_prepared(
        std::format("{} instances are asked for, and there is room for {}", wanted, alive() + room()));
  create_ahead(missing);
  check_prepared();
}

void Dispatcher::check_prepared(const std::string& failure) {
  const int ready = count_of(State::kReady);
  if (!preparing_ || (failure.empty() && ready < *preparing_)) return;
  preparing_.reset();
  wire::Prepared prepared{.deployment = static_cast<std::int64_t>(deployment_), .ready = ready};
  prepared.failure = failure;
  shared_.conductor.send(prepared);
}

void Dispatcher::retire() {
  in_use_ = false;
  lost_ = 0;
  preparing_.reset();
  scaler_.reset();
  if (next_tick_) shared_.loop.cancel(*next_tick_);
  next_tick_.reset();
  for (GatewayInstance* instance : instances_) remove(*instance);
}

// --- more of them

void Dispatcher::create(std::optional<std::int64_t> made_for) {
  GatewayInstance& instance = shared_.instances.create(deployment_, made_for);
  instances_.push_back(&instance);
  instance.start_deadline = shared_.loop.after(timeout_, [this, id = instance.id] { on_start_deadline(id); });
}

void Dispatcher::create_ahead(int count) {
  for (; count > 0 && room() > 0; --count) create(std::nullopt);
}

// Of those kept by min_scale, one that ended by itself is made anew if it had ever answered: else it would end again.
void Dispatcher::replace_lost() {
  const bool on_demand = scaling_.autoscaler == Autoscaler::kOnDemand;
  while (on_demand && in_use_ && lost_ > 0 && room() > 0 && alive() < scaling_.min_scale) {
    --lost_;
    create(std::nullopt);
  }
}

void Dispatcher::on_launched(GatewayInstance& instance, const wire::LaunchEvent& event) {
  instance.launch = event;
  if (instance.state != State::kStarting) return;  // given up meanwhile; its removal is ordered
  Lane& lane = add_lane(instance);
  lane.connection.open([this, &instance](std::int64_t ready) {
    if (instance.state != State::kStarting) return;  // given up meanwhile
    if (door().ready.empty()) return on_ready(instance, ready);
    ask_ready(instance.id);
  });
}

InstanceDoor Dispatcher::door() const {
  const auto found = shared_.config.doors.find(deployment_);
  return found == shared_.config.doors.end() ? InstanceDoor{.port = shared_.config.instance_port, .ready = ""}
                                             : found->second;
}

// Until it says so; as often as something that does not listen is tried.
void Dispatcher::ask_ready(std::int64_t id) {
  GatewayInstance* instance = shared_.instances.find(id);
  if (instance == nullptr || instance->state != State::kStarting) return;
  instance->lanes.front()->connection.exchange(http::format_request("GET", door().ready, "instance", {}, ""));
}

void Dispatcher::on_ready_reply(GatewayInstance& instance, const Reply& reply) {
  if (instance.state != State::kStarting) return;
  const bool ready = reply.outcome == Outcome::kOk && reply.bytes.size() > 9 &&
                     (reply.bytes[9] == '2' || reply.bytes[9] == '3');  // "HTTP/1.1 204"
  if (ready) return on_ready(instance, reply.responded);
  shared_.loop.after(std::chrono::microseconds(500), [this, id = instance.id] { ask_ready(id); });
}

void Dispatcher::on_ready(GatewayInstance& instance, std::int64_t when) {
  instance.ready = when;
  instance.state = State::kReady;
  instance.free_lanes.push_back(instance.lanes.front().get());
  if (instance.start_deadline) shared_.loop.cancel(*instance.start_deadline);
  instance.start_deadline.reset();
  pump();
  if (instance.in_flight == 0) on_idle(instance);
  check_prepared();
}

void Dispatcher::on_start_deadline(std::int64_t id) {
  GatewayInstance* instance = shared_.instances.find(id);
  instance->start_deadline.reset();
  if (instance->state != State::kStarting) return;
  remove(*instance);
  check_prepared("an instance did not listen in time");
}

// --- fewer of them

void Dispatcher::on_idle(GatewayInstance& instance) {
  const bool on_demand = scaling_.autoscaler == Autoscaler::kOnDemand;
  if (!on_demand || !scaling_.keep_alive || instance.idle_end) return;
  instance.idle_end = shared_.loop.after(*scaling_.keep_alive, [this, id = instance.id] { on_idle_end(id); });
}

// The timer is not set anew for every request: when it is due it looks how long the instance has been idle.
void Dispatcher::on_idle_end(std::int64_t id) {
  GatewayInstance& instance = *shared_.instances.find(id);
  instance.idle_end.reset();
  if (instance.state != State::kReady || instance.in_flight > 0) return;
  const std::int64_t since = std::max(instance.ready, instance.last_answer);
  const Nanoseconds left = *scaling_.keep_alive - Nanoseconds(monotonic_ns() - since);
  if (left > Nanoseconds(0)) {
    instance.idle_end = shared_.loop.after(left, [this, id] { on_idle_end(id); });
  } else if (count_of(State::kReady) > scaling_.min_scale) {
    remove(instance);
  }
}

// Those that are not ready first, then the idle, those that have been idle for longest first; the busy finish.
void Dispatcher::remove_some(int count) {
  if (count <= 0) return;
  std::vector<GatewayInstance*> order;
  std::ranges::copy_if(instances_, std::back_inserter(order), [](const GatewayInstance* i) {
    return i->state == State::kStarting || i->state == State::kReady;
  });
  std::ranges::stable_sort(order, {}, [](const GatewayInstance* i) {
    return std::tuple(i->state == State::kReady, i->in_flight, std::max(i->ready, i->last_answer));
  });
  order.resize(std::min(order.size(), static_cast<std::size_t>(count)));
  for (GatewayInstance* instance : order) give_up(*instance);
}

void Dispatcher::give_up(GatewayInstance& instance) {
  if (instance.state == State::kReady) instance.state = State::kDraining;
  if (instance.in_flight == 0) remove(instance);
}

void Dispatcher::remove(GatewayInstance& instance) {
  stop_timers(instance);
  shared_.instances.remove(instance);
}

void Dispatcher::stop_timers(GatewayInstance& instance) {
  for (auto* timer : {&instance.start_deadline, &instance.idle_end}) {
    if (*timer) shared_.loop.cancel(**timer);
    timer->reset();
  }
}

void Dispatcher::on_failed(GatewayInstance& instance, const wire::LaunchEvent& event) {
  fail_maker(instance, Outcome::kLaunchFailed, "the runtime could not create the instance");
  check_prepared("an instance could not be created: " + event.record.note.str());
}

void Dispatcher::on_ended(GatewayInstance& instance) {
  if (instance.state == State::kStarting) {
    fail_maker(instance, Outcome::kNotReady, "the instance ended before it listened");
    check_prepared("an instance ended before it listened");
  } else if (instance.state != State::kEnding && instance.answers > 0) {
    ++lost_;
  }
  if (instance.state == State::kReady) instance.state = State::kDraining;
  // What it said before its end may wait to be read.
  for (const auto& lane : instance.lanes) lane->connection.look();
  fail_all_in(instance);
  remove(instance);
}

void Dispatcher::on_removed(GatewayInstance& instance) {
  fail_all_in(instance);
  stop_timers(instance);
  std::erase(instances_, &instance);
}

void Dispatcher::fail_maker(const GatewayInstance& instance, Outcome outcome, const char* why) {
  const auto at = std::ranges::find_if(line_, [&](const auto& i) { return i->number == instance.made_for; });
  if (at == line_.end()) return;
  const auto invocation = std::move(*at);
  line_.erase(at);
  invocation->record.instance = instance.id;
  fail(*invocation, outcome, 503, why);
}

void Dispatcher::fail_all_in(GatewayInstance& instance) {
  for (const auto& lane : instance.lanes) {
    if (!lane->current) continue;
    lane->connection.abandon();
    const auto invocation = clear(instance, *lane);
    invocation->record.responded = monotonic_ns();
    fail(*invocation, Outcome::kReset, 502, "the instance ended in mid-request");
  }
}

}  // namespace lumos
