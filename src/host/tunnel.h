// Places with a network of their own, and tunnels: network devices whose packets a process of ours carries.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "base/subprocess.h"

namespace lumos {

/// The calling thread is in another network namespace while this lives: what it opens, and the programs it starts,
/// belong there. One at a time. Error of `enter`: kEnvironment.
class InNetwork {
 public:
  static Expected<InNetwork> enter(int network);
  InNetwork(InNetwork&&) noexcept = default;
  ~InNetwork();

 private:
  explicit InNetwork(Fd back) : back_(std::move(back)) {}
  Fd back_;
};

/// The network namespace that the calling thread is in.
Expected<Fd> this_network();

/// A new network namespace with nothing but its loopback, which is up. It lives as long as the descriptor, processes
/// in it, or sockets of it. Error: kEnvironment.
Expected<Fd> make_network(CommandRunner& runner);

/// A device whose packets are read from and written to a descriptor, whole IP packets of at most 1500 bytes. The kernel
/// has made their checksums and has cut them: nothing is left to an adapter that is not there.
struct TunnelEnd {
  std::string name;
  std::uint32_t own = 0, peer = 0;  // IPv4, host byte order: of this side, and of the other
  std::uint32_t also = 0;           // a further address that lies behind the other side; 0: none
};

/// Makes it in the caller's network namespace; it goes with the descriptor, which does not block. Error: kEnvironment.
Expected<Fd> make_tunnel(CommandRunner& runner, const TunnelEnd& end);

/// In the namespace of a tunnel: packets from its own address leave by it, wherever they go and whatever other ways
/// there are. `table`: of routes, 1 to 250, its alone. Error: kEnvironment.
Expected<> answer_by_tunnel(CommandRunner& runner, const TunnelEnd& end, int table);

}  // namespace lumos
