// Network namespaces, made with `ip` before anything is measured: slots for instances, used again for one instance
// after the other, and places for servers that instances talk to. Each holds one end of a veth pair whose other end
// lies in the namespace of the caller; it has no route to anywhere else but those that are named.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"

namespace lumos {

/// A place for one instance.
struct NetworkSlot {
  std::string path;           // of the namespace: /run/netns/lumos0
  std::string link;           // its end in the caller's namespace: v0
  std::uint32_t address = 0;  // IPv4 of the instance, host byte order
};

/// A place for one server.
struct NetworkPlace {
  std::string path;           // of the namespace: /run/netns/redis
  std::string link;           // its end in the caller's namespace: to-redis. What delays or loses packets goes here
  std::uint32_t address = 0;  // IPv4 of the server, host byte order
};

/// "10.77.0.2".
std::string format_address(std::uint32_t address);

/// Makes `count` slots, with routes to the addresses of `reachable` and to no other. The caller is in a network
/// namespace and a mount namespace of its own, so that everything goes with the last process in it. Error: kEnvironment
/// with what `ip` said.
Expected<std::vector<NetworkSlot>> make_network_slots(CommandRunner& runner, int count,
                                                      const std::vector<std::uint32_t>& reachable = {});

/// Makes a place of each name (at most 12 letters), the `first`-th and on, with a way to the slots; the caller as
/// above. Packets between slots and places pass through the caller's namespace only after let_packets_pass(). Error:
/// kEnvironment.
Expected<std::vector<NetworkPlace>> make_network_places(CommandRunner& runner, const std::vector<std::string>& names,
                                                        int first = 0);

/// The caller's network namespace forwards from now on. Error: kEnvironment.
Expected<> let_packets_pass();

}  // namespace lumos
