#include "control/experiment/run_links.h"

#include <fcntl.h>

#include <ranges>
#include <set>

#include "control/environment/registry_server.h"
#include "host/network.h"
#include "host/tunnel.h"

namespace lumos {
namespace {

constexpr std::uint32_t kGateway = (10U << 24) | (79U << 16) | (255U << 8) | 1;  // 10.79.255.1, on the run's loopback

// A link that cells name, before it is joined.
struct Asked {
  LinkPlace place;
  LinkProfile profile;
};

// Those of each place in the order in which the plan has the profiles, and of storage by its servers.
std::vector<Asked> asked_of(const Plan& plan) {
  std::set<std::string> clients, registries, servers;
  std::set<StorageWay> ways;
  for (const auto& cell : plan.cells) clients.insert(cell.factors.value("link_client", std::string(kNoLink)));
  for (const auto& d : plan.deployments) {
    registries.insert(d.environment.link_registry.value_or(std::string(kNoLink)));
    if (!d.environment.link_storage) continue;
    servers.insert(d.environment.storage);
    ways.emplace(d.environment.storage, *d.environment.link_storage);
  }
  std::vector<Asked> asked;
  for (const auto& link : plan.links) {
    if (clients.contains(link.name)) asked.push_back({{.name = "client"}, link});
  }
  for (const auto& link : plan.links) {
    if (registries.contains(link.name)) asked.push_back({{.name = "registry"}, link});
  }
  for (const auto& [server, link] : std::views::cartesian_product(servers, plan.links)) {
    if (ways.contains({server, link.name})) asked.push_back({{.name = "storage", .server = server}, link});
  }
  return asked;
}

bool any_client(const std::vector<Asked>& asked) { return !asked.empty() && asked[0].place.name == "client"; }

// Its own descriptor of the network that a place is in.
Expected<Fd> network_of(CommandRunner& runner, const LinkPlace& place, int registry) {
  if (place.name == "client") return LUMOS_TRY(make_network(runner));
  const std::string path = Storage::network_of(place.server);
  Fd network(place.name == "registry" ? ::fcntl(registry, F_DUPFD_CLOEXEC, 0)
                                      : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!network) return fail_errno("the network of the " + place.name);
  return network;
}

}  // namespace

std::uint32_t RunLinks::gateway_address() const {
  return any_client(asked_of(plan_)) ? kGateway : LocalConfig{}.gateway_address;
}

// Links are numbered in the order in which they are joined.
std::uint32_t RunLinks::registry_address(const Environment& environment) const {
  const auto asked = asked_of(plan_);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (asked[i].place.name == "registry" && asked[i].profile.name == environment.link_registry)
      return place_address(i);
  }
  return kRegistryAddress;
}

std::map<StorageWay, std::uint32_t> RunLinks::storage_addresses() const {
  std::map<StorageWay, std::uint32_t> addresses;
  const auto asked = asked_of(plan_);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto& [place, profile] = asked[i];
    if (place.name == "storage") addresses[{place.server, profile.name}] = place_address(i);
  }
  return addresses;
}

Expected<> RunLinks::make(CommandRunner& runner, const ForkProcess& fork, const Place& place, int registry) {
  const auto asked = asked_of(plan_);
  if (asked.empty()) return {};
  const std::string address = format_address(kGateway);
  LUMOS_TRY(run_checked(
      runner, {.argv = {"ip", "-batch", "-"}, .input = "link set lo up\naddr add " + address + "/32 dev lo\n"}));
  for (const auto& link : asked) {
    Fd network = LUMOS_TRY(network_of(runner, link.place, registry));
    const std::uint32_t node_also = link.place.name == "client" ? kGateway : 0;
    LUMOS_TRY(links_.join(runner, link.place, link.profile, std::move(network), node_also));
  }
  LUMOS_TRY(links_.start(fork, plan_.seed, place.cores, place.real_time));
  return links_.probe();
}

std::map<std::string, Endpoint> RunLinks::gateway_by_link(int port) const {
  std::map<std::string, Endpoint> gateways;
  const auto asked = asked_of(plan_);
  if (!any_client(asked)) return gateways;
  gateways[std::string(kNoLink)] = Endpoint::ipv4(kGateway, port);
  for (const auto& [place, profile] : asked) {
    if (place.name != "client") break;  // they are first
    Endpoint gateway = Endpoint::ipv4(kGateway, port);
    gateway.network = links_.find(place, profile.name)->network.get();
    gateways[profile.name] = gateway;
  }
  return gateways;
}

nlohmann::ordered_json RunLinks::describe() const {
  if (links_.empty()) return nlohmann::ordered_json::object();
  return {{"links", links_.describe()}};
}

}  // namespace lumos
