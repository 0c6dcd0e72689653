// Links between places as they are asked for: what a profile says, and how it stands in a plan.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "record/vocabulary.h"

namespace lumos {

/// How a packet's delay varies round `LinkDirection::delay`.
enum class JitterKind : std::uint8_t {
  kNormal,   // `of` is the standard deviation
  kUniform,  // from −`of` to +`of`
  kPareto,   // only longer: Lomax of shape 3 with the mean `of`
};

template <>
struct Names<JitterKind> {
  static constexpr std::array<std::pair<JitterKind, std::string_view>, 3> kTable{
      {{JitterKind::kNormal, "normal"}, {JitterKind::kUniform, "uniform"}, {JitterKind::kPareto, "pareto"}}};
};

struct Jitter {
  Nanoseconds of{0};
  JitterKind distribution = JitterKind::kNormal;

  bool operator==(const Jitter&) const = default;
};

/// Nothing passes for a while.
struct Outage {
  Nanoseconds at{0};        // counted from the run's first visit
  Nanoseconds lasting{0};   // `for` in a file
  Nanoseconds repeated{0};  // from one's begin to the next one's, `every` in a file; 0: once

  bool operator==(const Outage&) const = default;
};

/// What happens to packets of one direction.
struct LinkDirection {
  Nanoseconds delay{0};
  Jitter jitter;
  double loss = 0;                  // of packets, each by itself
  std::int64_t rate_bit_per_s = 0;  // of whole IP packets; 0: nothing holds them up
  std::int64_t queue_bytes = 0;     // before the rate; what finds it full is dropped. 0 only without a rate
  std::vector<Outage> outages;

  bool operator==(const LinkDirection&) const = default;

  /// The mean of the delays that its jitter makes, as long as none of them would be below 0.
  Nanoseconds mean_delay() const { return jitter.distribution == JitterKind::kPareto ? delay + jitter.of : delay; }
};

/// A named link. `up` leads from the side that asks to the side that answers: client → node, node → registry,
/// node → storage.
struct LinkProfile {
  std::string name;
  LinkDirection up, down;

  bool operator==(const LinkProfile&) const = default;
};

/// The name of the link that is none: the places are joined by the machine alone.
inline constexpr std::string_view kNoLink = "none";

nlohmann::ordered_json to_json(const LinkProfile& link);
/// Reads what to_json wrote. Error: kUsage, it is something else.
Expected<LinkProfile> link_from_json(const nlohmann::json& json);

}  // namespace lumos
