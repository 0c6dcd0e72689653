#include "control/experiment/run_links.h"

#include <set>

#include "host/network.h"
#include "host/tunnel.h"

namespace lumos {
namespace {

constexpr std::uint32_t kGateway = (10U << 24) | (79U << 16) | (255U << 8) | 1;  // 10.79.255.1, on the run's loopback

// The links of one place that cells name.
std::vector<LinkProfile> links_of(const Plan& plan, const char* factor) {
  std::set<std::string> names;
  for (const auto& cell : plan.cells) {
    const auto found = cell.factors.find(factor);
    if (found != cell.factors.end() && found->is_string()) names.insert(found->get<std::string>());
  }
  std::vector<LinkProfile> links;
  for (const auto& link : plan.links) {
    if (names.contains(link.name)) links.push_back(link);
  }
  return links;
}

}  // namespace

std::uint32_t RunLinks::gateway_address() const {
  return links_of(plan_, "link_client").empty() ? LocalConfig{}.gateway_address : kGateway;
}

Expected<> RunLinks::make(CommandRunner& runner, const ForkProcess& fork, const Place& place) {
  const auto clients = links_of(plan_, "link_client");
  if (clients.empty()) return {};
  const std::string address = format_address(kGateway);
  LUMOS_TRY(run_checked(
      runner, {.argv = {"ip", "-batch", "-"}, .input = "link set lo up\naddr add " + address + "/32 dev lo\n"}));
  for (const auto& link : clients) {
    Fd client = LUMOS_TRY(make_network(runner));
    LUMOS_TRY(links_.join(runner, "client", link, std::move(client), kGateway));
  }
  LUMOS_TRY(links_.start(fork, plan_.seed, place.cores, place.real_time));
  return links_.probe();
}

std::map<std::string, Endpoint> RunLinks::gateway_by_link(int port) const {
  std::map<std::string, Endpoint> gateways;
  const auto clients = links_of(plan_, "link_client");
  if (clients.empty()) return gateways;
  gateways[std::string(kNoLink)] = Endpoint::ipv4(kGateway, port);
  for (const auto& link : clients) {
    Endpoint gateway = Endpoint::ipv4(kGateway, port);
    gateway.network = links_.find("client", link.name)->network.get();
    gateways[link.name] = gateway;
  }
  return gateways;
}

nlohmann::ordered_json RunLinks::describe() const {
  if (links_.empty()) return nlohmann::ordered_json::object();
  return {{"links", links_.describe()}};
}

}  // namespace lumos
