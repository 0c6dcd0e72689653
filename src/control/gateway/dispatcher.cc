// Requests: from their arrival to an instance and back. Instances and their number: dispatcher_scale.cc.
#include "control/gateway/dispatcher.h"

#include <algorithm>

#include "base/fault.h"
#include "policy/activation.h"

namespace lumos {

Dispatcher::Dispatcher(const Shared& shared, std::size_t deployment, const Scaling& scaling)
    : shared_(shared),
      deployment_(deployment),
      scaling_(scaling),
      timeout_(scaling.timeout.value_or(shared.config.timeout)) {}

void Dispatcher::take(std::unique_ptr<Invocation> invocation) {
  const bool began = begin();
  invocation->number = ++numbers_;
  count(+1);
  if (scaling_.queue_limit > 0 && static_cast<std::int64_t>(line_.size()) >= scaling_.queue_limit)
    return fail(*invocation, Outcome::kRefused, 503, "too many requests wait for an instance");
  invocation->deadline = shared_.loop.after(timeout_, [this, number = invocation->number] { on_deadline(number); });
  line_.push_back(std::move(invocation));
  pump();
  if (began) create_ahead(static_cast<int>(scaling_.min_scale) - alive());
}

std::optional<std::int64_t> Dispatcher::waiting_since() const {
  return line_.empty() ? std::nullopt : std::optional(line_.front()->record.received);
}

void Dispatcher::pump() {
  if (std::exchange(pumping_, true)) return;
  while (!line_.empty()) {
    if (GatewayInstance* instance = choose()) {
      dispatch(*instance);
    } else if (wants_one()) {
      create(first_uncovered());
    } else {
      break;
    }
  }
  replace_lost();
  pumping_ = false;
}

GatewayInstance* Dispatcher::choose() {
  candidates_.clear();
  ready_.clear();
  for (GatewayInstance* instance : instances_) {
    if (instance->state != State::kReady) continue;
    candidates_.push_back({.in_flight = instance->in_flight, .last_answer = instance->last_answer});
    ready_.push_back(instance);
  }
  std::array<double, 2> draws{};
  if (scaling_.routing == Routing::kTwoRandomChoices) draws = {shared_.random.uniform(), shared_.random.uniform()};
  const auto chosen =
      choose_instance(scaling_.routing, candidates_, static_cast<int>(scaling_.container_concurrency), draws);
  return chosen ? ready_[*chosen] : nullptr;
}

void Dispatcher::dispatch(GatewayInstance& instance) {
  Lane& lane = free_lane(instance);
  lane.current = std::move(line_.front());
  line_.pop_front();
  ++instance.in_flight;
  for (const auto& each : instance.lanes) {
    if (!each->current) continue;
    std::int64_t& most = each->current->record.in_flight;
    most = std::max<std::int64_t>(most, instance.in_flight);
  }
  const bool alone = lane.current->alone = requests_ == 1;
  stamp(instance, *lane.current);
  lane.connection.exchange(std::move(lane.current->request));
  fault_point("request.dispatched");
  // Off the latency path: while the function works. A new instance's counter started at zero.
  if (alone && !instance.counters)
    instance.counters = CgroupCounters::open(shared_.config.cgroups, instance.launch.cgroup.str());
}

void Dispatcher::stamp(GatewayInstance& instance, Invocation& invocation) {
  wire::GatewayRecord& r = invocation.record;
  r.instance = instance.id;
  r.dispatches = ++instance.dispatches;
  r.start = classify_start({.request = invocation.number,
                            .made_for = instance.made_for,
                            .answers = instance.answers,
                            .waited = r.received < instance.ready});
  if (r.start == Start::kCold || r.start == Start::kBehind) {
    r.pull_begin = instance.launch.pull_begin;
    r.pull_end = instance.launch.pull_end;
    r.unpack_begin = instance.launch.unpack_begin;
    r.unpack_end = instance.launch.unpack_end;
    r.create_begin = instance.launch.create_begin;
    r.create_end = instance.launch.create_end;
    r.start_begin = instance.launch.start_begin;
    r.start_end = instance.launch.start_end;
    r.ready = instance.ready;
  }
  // What the counter gains is this request's only where no other is.
  if (invocation.alone && instance.counters && r.dispatches > 1)
    r.cpu_before = instance.counters->cpu_usage_total_ns().value_or(wire::kAbsent);
  r.dispatched = monotonic_ns();
  if (instance.last_answer != wire::kAbsent) r.idle_gap = r.dispatched - instance.last_answer;
}

Lane& Dispatcher::free_lane(GatewayInstance& instance) {
  if (instance.free_lanes.empty()) return add_lane(instance);
  Lane* lane = instance.free_lanes.back();
  instance.free_lanes.pop_back();
  return *lane;
}

Lane& Dispatcher::add_lane(GatewayInstance& instance) {
  instance.lanes.push_back(std::make_unique<Lane>(
      shared_.loop, instance.launch.address, door().port,
      [this, &instance](Lane& lane, Reply reply) { on_reply(instance, lane, std::move(reply)); }));
  return *instance.lanes.back();
}

// The request of a lane, which is free then.
std::unique_ptr<Invocation> Dispatcher::clear(GatewayInstance& instance, Lane& lane) {
  --instance.in_flight;
  instance.free_lanes.push_back(&lane);
  return std::move(lane.current);
}

void Dispatcher::on_reply(GatewayInstance& instance, Lane& lane, Reply reply) {
  if (!lane.current) return on_ready_reply(instance, reply);
  const auto invocation = clear(instance, lane);
  fault_point("reply.received");
  invocation->record.responded = reply.responded;
  if (reply.outcome != Outcome::kOk) {
    const bool ours = reply.outcome == Outcome::kNoSocket;
    fail(*invocation, reply.outcome, ours ? 503 : 502,
         ours ? "the gateway has no descriptor left" : "the instance gave no valid answer");
    if (!ours) give_up(instance);
    return pump();
  }
  instance.last_answer = reply.responded;
  ++instance.answers;
  shared_.clients.respond(invocation->client, std::move(reply.bytes), reply.keep_alive);
  if (invocation->alone && requests_ == 1 && instance.counters)
    invocation->record.cpu_after = instance.counters->cpu_usage_total_ns().value_or(wire::kAbsent);
  fault_point("reply.passed_on");
  report(*invocation);
  pump();
  if (instance.in_flight > 0) return;
  if (instance.state == State::kDraining) remove(instance);
  if (instance.state == State::kReady) on_idle(instance);
}

void Dispatcher::on_deadline(std::int64_t number) {
  if (const auto at = std::ranges::find(line_, number, [](const auto& i) { return i->number; }); at != line_.end()) {
    const auto invocation = std::move(*at);
    line_.erase(at);
    const bool busy = count_of(State::kReady) > 0;
    return fail(*invocation, busy ? Outcome::kTimeout : Outcome::kNotReady, busy ? 504 : 503,
                busy ? "every instance was busy for too long" : "no instance became ready in time");
  }
  for (GatewayInstance* instance : instances_) {
    for (const auto& lane : instance->lanes) {
      if (!lane->current || lane->current->number != number) continue;
      lane->connection.abandon();
      const auto invocation = clear(*instance, *lane);
      fail(*invocation, Outcome::kTimeout, 504, "the instance did not answer in time");
      return give_up(*instance);
    }
  }
}

void Dispatcher::fail(Invocation& invocation, Outcome outcome, int status, const char* why) {
  invocation.record.failed = true;
  invocation.record.outcome = outcome;
  shared_.clients.respond(invocation.client,
                          http::format_response(status, std::format(R"({{"error":"{}"}})", why), true,
                                                std::format("{}: {}\r\n", wire::kOutcomeHeader, name_of(outcome))));
  report(invocation);
}

void Dispatcher::report(const Invocation& invocation) {
  shared_.loop.cancel(invocation.deadline);
  shared_.conductor.send(invocation.record);
  count(-1);
}

void Dispatcher::count(int more) {
  requests_ += more;
  if (scaler_) scaler_->observe(Nanoseconds(monotonic_ns()), requests_);
}

}  // namespace lumos
