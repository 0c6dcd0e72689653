// The process that carries the packets of a run's links between their two tunnels, late or not at all.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "base/channel.h"
#include "base/fd.h"
#include "record/link.h"

namespace lumos {

/// What the emulator says of itself in a manifest.
inline constexpr const char* kLinkEmulator = "lumos, packets of a TUN pair";

/// A link and its two ends: descriptors of tunnels (host/tunnel.h).
struct EmulatedLink {
  LinkProfile profile;
  Fd asking, answering;  // up leads from the first to the second
};

struct LinkEmulatorConfig {
  std::vector<EmulatedLink> links;
  std::uint64_t seed = 0;
  std::vector<int> cores;
  /// Before every ordinary process of its cores. Only where it has a core of its own: it then also spins for the last
  /// 50 µs before a packet is due.
  bool exclusive = false;
};

/// Sent by the conductor when the run's first visit begins: outages are counted from here.
struct BeginOutages {
  std::int64_t now = 0;  // CLOCK_MONOTONIC ns
};

/// Carries packets until the conductor closes its end. Returns the exit code.
int run_link_emulator(LinkEmulatorConfig config, Channel conductor);

}  // namespace lumos
