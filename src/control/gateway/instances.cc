#include "control/gateway/instances.h"

namespace lumos {

GatewayInstance& Instances::create(std::size_t deployment, std::optional<std::int64_t> made_for) {
  LUMOS_CHECK(room() > 0);
  const std::int64_t id = next_++;
  GatewayInstance& instance = all_[id];
  instance.id = id;
  instance.deployment = deployment;
  instance.made_for = made_for;
  order(wire::LaunchAction::kLaunch, instance);
  on_created_();
  return instance;
}

void Instances::remove(GatewayInstance& instance) {
  if (instance.state == GatewayInstance::State::kEnding) return;
  instance.state = GatewayInstance::State::kEnding;
  order(wire::LaunchAction::kRemove, instance);
}

GatewayInstance* Instances::find(std::int64_t id) {
  const auto found = all_.find(id);
  return found == all_.end() ? nullptr : &found->second;
}

void Instances::order(wire::LaunchAction action, const GatewayInstance& instance) {
  launcher_.send(wire::LaunchOrder{action, instance.id, static_cast<std::int64_t>(instance.deployment)});
}

}  // namespace lumos
