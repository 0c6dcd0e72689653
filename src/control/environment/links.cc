#include "control/environment/links.h"

#include "host/tunnel.h"

namespace lumos {
namespace {

constexpr std::uint32_t kLinkNetwork = (10U << 24) | (79U << 16);  // 10.79.0.0/16
constexpr std::size_t kMostLinks = 60;

}  // namespace

std::uint32_t place_address(std::size_t number) { return kLinkNetwork + static_cast<std::uint32_t>(number) * 256 + 2; }

Expected<> Links::join(CommandRunner& runner, LinkPlace place, const LinkProfile& profile, Fd network,
                       std::uint32_t node_also) {
  const std::size_t number = links_.size();
  if (links_.size() >= kMostLinks) return fail(ErrorCode::kUsage, "more than {} links in one run", kMostLinks);
  if (!node_) node_ = LUMOS_TRY(this_network());
  StandingLink link{.place = std::move(place), .profile = profile, .network = std::move(network)};
  link.place_address = lumos::place_address(number);
  link.node_address = link.place_address - 1;
  const std::string name = std::format("lk{}", number);
  Fd node_end = LUMOS_TRY(make_tunnel(runner, {.name = name, .own = link.node_address, .peer = link.place_address}));
  Fd place_end;
  {
    const auto there = LUMOS_TRY(InNetwork::enter(link.network.get()));
    const TunnelEnd end{.name = name, .own = link.place_address, .peer = link.node_address, .also = node_also};
    place_end = LUMOS_TRY(make_tunnel(runner, end));
    if (link.instances_ask()) LUMOS_TRY(answer_by_tunnel(runner, end, static_cast<int>(number) + 1));
  }
  EmulatedLink ends{.profile = profile, .asking = std::move(node_end), .answering = std::move(place_end)};
  if (link.place_asks()) std::swap(ends.asking, ends.answering);
  ends_.push_back(std::move(ends));
  links_.push_back(std::move(link));
  return {};
}

Expected<> Links::start(const std::function<Expected<pid_t>(const std::function<int()>&)>& fork, std::uint64_t seed,
                        const std::vector<int>& cores, bool exclusive) {
  if (links_.empty()) return {};
  auto [ours, theirs] = LUMOS_TRY(Channel::pair());
  LUMOS_TRY(fork([&, &ours = ours, &theirs = theirs] {
    ours.close();
    return run_link_emulator({.links = std::move(ends_), .seed = seed, .cores = cores, .exclusive = exclusive},
                             std::move(theirs));
  }));
  ends_.clear();  // the tunnels are the emulator's alone: they go with it
  emulator_ = std::move(ours);
  return {};
}

Expected<> Links::probe(const ProbeEffort& effort) {
  for (auto& link : links_) {
    const LinkSide node{.network = node_.get(), .address = link.node_address},
        place{.network = link.network.get(), .address = link.place_address};
    link.reading = LUMOS_TRY(link.place_asks() ? probe_link(link.profile, place, node, effort)
                                               : probe_link(link.profile, node, place, effort));
  }
  return {};
}

void Links::begin() {
  if (!links_.empty()) (void)emulator_.send(BeginOutages{.now = monotonic_ns()});
}

const StandingLink* Links::find(const LinkPlace& place, std::string_view profile) const {
  for (const auto& link : links_) {
    if (link.place == place && link.profile.name == profile) return &link;
  }
  return nullptr;
}

nlohmann::ordered_json Links::describe() const {
  auto all = nlohmann::ordered_json::array();
  for (const auto& link : links_) {
    nlohmann::ordered_json json{{"place", link.place.name}};
    if (!link.place.server.empty()) json["server"] = link.place.server;
    json.update(nlohmann::ordered_json{{"emulator", kLinkEmulator}, {"asked", to_json(link.profile)}});
    if (link.reading) {
      json["found"] = {{"up", to_json(link.reading->up)}, {"down", to_json(link.reading->down)}};
      const auto& connect = link.reading->connect_ms;
      json["found"]["connect_ms"] = connect ? nlohmann::ordered_json(*connect) : nlohmann::ordered_json(nullptr);
    }
    all.push_back(std::move(json));
  }
  return all;
}

}  // namespace lumos
