// Bytes between a network place of a run and a server outside of it.
#pragma once

#include <cstdint>

#include "record/server_url.h"

namespace lumos {

/// Listens on `port` in the network namespace that the process is in, once the server answered from `outside`, the
/// network namespace that the process then enters, and passes on what comes from each connection and from the server.
/// Until it is killed; returns an exit code, having said why on standard error, when it cannot begin.
int relay(std::uint16_t port, int outside, const ServerUrl& server);

}  // namespace lumos
