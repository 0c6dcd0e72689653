// All instances that the gateway has ordered, of every deployment.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "control/gateway/instance.h"
#include "control/gateway/peer.h"

namespace lumos {

/// Orders instances from the launcher and keeps them until they are removed. One thread (the loop's).
class Instances {
 public:
  /// At most `most` at one time, numbered from `first`; `on_created` is called after each order.
  Instances(Peer& launcher, int most, std::int64_t first, std::function<void()> on_created)
      : launcher_(launcher), on_created_(std::move(on_created)), most_(most), next_(first) {}

  /// How many may still be made.
  int room() const { return most_ - static_cast<int>(all_.size()); }

  /// Orders one; there is room. `made_for`: the number of the request it is for.
  GatewayInstance& create(std::size_t deployment, std::optional<std::int64_t> made_for);
  /// Orders its removal, once; it is here until `erase`.
  void remove(GatewayInstance& instance);
  void erase(std::int64_t id) { all_.erase(id); }

  GatewayInstance* find(std::int64_t id);
  std::map<std::int64_t, GatewayInstance>& all() { return all_; }

 private:
  void order(wire::LaunchAction action, const GatewayInstance& instance);

  Peer& launcher_;
  std::function<void()> on_created_;
  int most_;
  std::int64_t next_;
  std::map<std::int64_t, GatewayInstance> all_;
};

}  // namespace lumos
