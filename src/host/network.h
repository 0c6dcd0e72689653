// Network namespaces for instances, made with `ip` before anything is measured and used again for one instance after
// the other. Each is one end of a veth pair whose other end lies in the namespace of the caller; it has no route to
// anywhere else.
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

/// "10.77.0.2".
std::string format_address(std::uint32_t address);

/// Makes `count` slots. The caller is in a network namespace and a mount namespace of its own, so that everything goes
/// with the last process in it. Error: kEnvironment with what `ip` said.
Expected<std::vector<NetworkSlot>> make_network_slots(CommandRunner& runner, int count);

}  // namespace lumos
