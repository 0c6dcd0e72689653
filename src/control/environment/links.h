// The links of a run: joined, emulated, looked at.
#pragma once

#include <deque>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/channel.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/subprocess.h"
#include "control/environment/link_emulator.h"
#include "control/environment/link_probe.h"

namespace lumos {

/// What a link leads to.
struct LinkPlace {
  std::string name;         // client, registry, storage
  std::string server = {};  // of storage: redis, s3

  bool operator==(const LinkPlace&) const = default;
};

/// A link between the run's network and a place. The node is in the run's network.
struct StandingLink {
  LinkPlace place;  // with the profile's name, its own among those of a run
  LinkProfile profile;
  Fd network;  // the place's
  std::uint32_t node_address = 0, place_address = 0;
  std::optional<LinkReading> reading;

  /// A client asks the node; the node asks every other place.
  bool place_asks() const { return place.name == "client"; }
  /// Instances behind the node ask it, not only the node.
  bool instances_ask() const { return place.name == "storage"; }
};

/// The address of the place of a run's n-th link, from 0.
std::uint32_t place_address(std::size_t number);

/// Made in the run's network namespace, before the first visit; single-threaded. The order: join each, start, probe,
/// begin.
class Links {
 public:
  /// Joins a place's network to the caller's by a tunnel pair. `node_also`: an address of the node that the place
  /// reaches through it; 0: none. Error: kEnvironment, kUsage when there are more than 60.
  Expected<> join(CommandRunner& runner, LinkPlace place, const LinkProfile& profile, Fd network,
                  std::uint32_t node_also = 0);
  /// Starts the emulator, on cores that are its alone or not. Nothing passes before.
  Expected<> start(const std::function<Expected<pid_t>(const std::function<int()>&)>& fork, std::uint64_t seed,
                   const std::vector<int>& cores, bool exclusive);
  /// Looks what each does: some seconds a link.
  Expected<> probe(const ProbeEffort& effort = {});
  /// Outages are counted from now.
  void begin();

  /// nullptr: there is none such.
  const StandingLink* find(const LinkPlace& place, std::string_view profile) const;
  bool empty() const { return links_.empty(); }

  /// For the manifest: of each link its place, what was asked and what was found, and the emulator.
  nlohmann::ordered_json describe() const;

 private:
  std::deque<StandingLink> links_;
  std::vector<EmulatedLink> ends_;  // until they are the emulator's
  Fd node_;                         // the run's network
  Channel emulator_;
};

}  // namespace lumos
