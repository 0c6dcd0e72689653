// Load beside the measured instance, of stated intensity: a factor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lumos {

enum class NeighbourKind : std::uint8_t {
  kNone,
  kCpu,     // a share of each core that instances have
  kMemory,  // bytes copied per second
  kIo,      // bytes written per second past the page cache
};

/// What works beside an instance during a visit.
struct Neighbour {
  NeighbourKind kind = NeighbourKind::kNone;
  double amount = 0;  // kCpu: share of a core, in (0, 1]; else bytes per second

  bool operator==(const Neighbour&) const = default;
};

/// As a factor: "none", "cpu:50%", "memory:1GB/s", "io:10MB/s". nullopt: it is none of these, or its amount is out of
/// bounds: 1 to 100 %, memory from 1 MB/s to 100 GB/s, writes from 64 kB/s to 10 GB/s.
std::optional<Neighbour> parse_neighbour(std::string_view text);

}  // namespace lumos
