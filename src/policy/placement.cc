#include "policy/placement.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace lumos {
namespace {

constexpr std::size_t kWatchers = 5;

constexpr std::array<std::pair<const char*, Place Placement::*>, 6> kRoles{{{"conductor", &Placement::conductor},
                                                                            {"generator", &Placement::generator},
                                                                            {"gateway", &Placement::gateway},
                                                                            {"storage", &Placement::storage},
                                                                            {"links", &Placement::links},
                                                                            {"instances", &Placement::instances}}};

// In the order in which they get a core of their own. Those with a clock to keep run before others there.
struct Claim {
  Place Placement::* role;
  bool keeps_time;
};
constexpr std::array<Claim, 4> kClaims{{{&Placement::generator, true},
                                        {&Placement::gateway, false},
                                        {&Placement::links, true},
                                        {&Placement::storage, false}}};

}  // namespace

nlohmann::ordered_json Placement::to_json() const {
  nlohmann::ordered_json json;
  auto alone = nlohmann::ordered_json::array(), real_time = nlohmann::ordered_json::array();
  for (const auto& [name, role] : kRoles) {
    json[name] = (this->*role).cores;
    if ((this->*role).alone) alone.emplace_back(name);
    if ((this->*role).real_time) real_time.emplace_back(name);
  }
  json["launcher"] = instances.cores;
  json["alone"] = alone;
  json["real_time"] = real_time;
  json["shared"] = shared;
  return json;
}

Placement plan_placement(const std::vector<int>& cores) {
  Placement plan;
  plan.shared = cores.size() < 2;
  const std::size_t watching = plan.shared ? cores.size() : std::min(cores.size() / 2, kWatchers);
  const std::vector<int> first(cores.begin(), cores.begin() + (cores.empty() ? 0 : 1));
  for (const auto& [name, role] : kRoles) (plan.*role).cores = first;
  for (std::size_t i = 0; i + 1 < watching; ++i) {
    const auto& [role, keeps_time] = kClaims.at(i);
    plan.*role = {.cores = {cores[i + 1]}, .alone = true, .real_time = keeps_time};
  }
  if (!plan.shared) plan.instances.cores.assign(cores.begin() + static_cast<std::ptrdiff_t>(watching), cores.end());
  return plan;
}

}  // namespace lumos
