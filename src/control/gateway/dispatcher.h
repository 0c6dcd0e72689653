// One deployment in the gateway: its waiting line, its instances, and how many of them there are to be. Decisions come
// from src/policy.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "control/gateway/clients.h"
#include "control/gateway/gateway.h"
#include "control/gateway/instance.h"
#include "control/gateway/instances.h"
#include "control/gateway/peer.h"
#include "control/gateway/scaler.h"
#include "policy/activation.h"
#include "policy/routing.h"

namespace lumos {

/// Brings requests to instances, and has instances made and removed. It is in use from the first request, or from being
/// prepared, until it is retired. One thread (the loop's).
class Dispatcher {
 public:
  /// What all dispatchers of a gateway share. Outlives them.
  struct Shared {
    const GatewayConfig& config;
    http::EventLoop& loop;
    Clients& clients;
    Instances& instances;
    Peer& conductor;
    RandomStream& random;
  };

  Dispatcher(const Shared& shared, std::size_t deployment, const Scaling& scaling);

  /// A request has come.
  void take(std::unique_ptr<Invocation> invocation);
  /// Brings requests in line to instances, and has instances made for them, as far as both go.
  void pump();
  /// When the first in line came, CLOCK_MONOTONIC ns; nullopt: nobody waits.
  std::optional<std::int64_t> waiting_since() const;

  /// Brings max(min_scale, initial_scale) instances up, and tells the conductor.
  void prepare();
  /// Has every instance removed; requests in them fail. Until the next request, or until it is prepared again, nothing
  /// is scaled.
  void retire();
  bool has_instances() const { return !instances_.empty(); }

  // What the launcher says of an instance of this deployment.
  void on_launched(GatewayInstance& instance, const wire::LaunchEvent& event);
  void on_failed(GatewayInstance& instance, const wire::LaunchEvent& event);
  void on_ended(GatewayInstance& instance);
  /// The last of an instance; the caller erases it then.
  void on_removed(GatewayInstance& instance);

 private:
  using State = GatewayInstance::State;

  // Requests.
  GatewayInstance* choose();
  void dispatch(GatewayInstance& instance);
  Lane& free_lane(GatewayInstance& instance);
  Lane& add_lane(GatewayInstance& instance);
  static std::unique_ptr<Invocation> clear(GatewayInstance& instance, Lane& lane);
  void stamp(GatewayInstance& instance, Invocation& invocation);
  void on_reply(GatewayInstance& instance, Lane& lane, Reply reply);
  void on_deadline(std::int64_t number);
  void fail(Invocation& invocation, Outcome outcome, int status, const char* why);
  void report(const Invocation& invocation);
  void count(int more);

  // Instances.
  void create(std::optional<std::int64_t> made_for);
  void create_ahead(int count);
  InstanceDoor door() const;
  void ask_ready(std::int64_t id);
  void on_ready_reply(GatewayInstance& instance, const Reply& reply);
  void on_ready(GatewayInstance& instance, std::int64_t when);
  void on_start_deadline(std::int64_t id);
  void on_idle(GatewayInstance& instance);
  void on_idle_end(std::int64_t id);
  void give_up(GatewayInstance& instance);
  void remove(GatewayInstance& instance);
  void stop_timers(GatewayInstance& instance);
  void fail_maker(const GatewayInstance& instance, Outcome outcome, const char* why);
  void fail_all_in(GatewayInstance& instance);
  int count_of(State state) const;
  int alive() const { return count_of(State::kStarting) + count_of(State::kReady); }
  int room() const;
  bool wants_one();
  std::int64_t first_uncovered() const;
  DeploymentState state() const;
  void replace_lost();

  // Scale.
  bool begin();
  void tick();
  void log(const ScaleDecision& decision);
  void remove_some(int count);
  void check_prepared(const std::string& failure = "");

  const Shared& shared_;
  const std::size_t deployment_;
  const Scaling scaling_;
  const Nanoseconds timeout_;
  WaitingLine line_;
  std::vector<GatewayInstance*> instances_;
  std::vector<RoutingCandidate> candidates_;  // of `choose`, kept for its memory
  std::vector<GatewayInstance*> ready_;       // beside them
  int requests_ = 0;                          // in line and in instances
  std::optional<Scaler> scaler_;
  std::optional<http::EventLoop::Timer> next_tick_;
  std::optional<int> preparing_;  // instances that are to be ready
  std::int64_t numbers_ = 0;
  int lost_ = 0;  // instances that had answered, ended by themselves and were not replaced yet
  bool in_use_ = false, pumping_ = false;
};

}  // namespace lumos
