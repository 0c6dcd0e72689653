// What a link does, measured from outside: packets of known times from one of its sides to the other.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "record/link.h"

namespace lumos {

/// One side of a link: a network namespace, and its own address there.
struct LinkSide {
  int network = -1;
  std::uint32_t address = 0;  // IPv4, host byte order
};

/// How much a probe takes. The defaults are for before a run: about two seconds a direction.
struct ProbeEffort {
  int delays = 30;                                     // packets whose delay is read
  std::int64_t most_losses = 15'000;                   // packets that are counted, at most; for 100 losses
  Nanoseconds train = std::chrono::milliseconds(600);  // of more packets than the rate lets through
  Nanoseconds bulk = std::chrono::milliseconds(1000);  // of the TCP transfer
};

/// What one direction was found to do. Absent: not looked at, or nothing came.
struct DirectionReading {
  std::int64_t delays = 0;                             // packets that came, of those sent for their delay
  std::optional<double> delay_ms, delay_deviation_ms;  // their mean, without the time that the rate takes
  std::int64_t counted = 0, lost = 0;                  // packets sent for the loss, and those that did not come
  std::optional<double> rate_bit_per_s;                // whole IP packets, of a train of them
  std::optional<double> bulk_bit_per_s;                // the same of a TCP transfer, in its second half
};

struct LinkReading {
  DirectionReading up, down;
  std::optional<double> connect_ms;  // a TCP handshake, as who asks sees it
};

/// Sends packets both ways, with nothing else on the link. The calling thread enters both namespaces in turn. Error:
/// kEnvironment, a socket could not be had; what does not come is no error.
Expected<LinkReading> probe_link(const LinkProfile& asked, const LinkSide& asking, const LinkSide& answering,
                                 const ProbeEffort& effort = {});

/// {"delay_ms":…,"delay_deviation_ms":…,"delays":…,"loss":…,"lost":…,"counted":…,"rate_bit_per_s":…,"bulk_bit_per_s":…}
nlohmann::ordered_json to_json(const DirectionReading& reading);

}  // namespace lumos
