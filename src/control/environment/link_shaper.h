// What a link does to packets, as a pure function of their times and sizes.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "record/link.h"

namespace lumos {

/// What became of a packet.
enum class PacketFate : std::uint8_t {
  kPassed,
  kLost,       // by chance
  kQueueFull,  // more came than the rate lets through
  kOutage,
};

/// One direction of a link. Packets are offered in the order of their arrival; those that pass keep it. In the order in
/// which a packet meets them: outage, loss, queue and rate, delay with its jitter. Knows no clock: times are ns of the
/// caller's. One thread.
class LinkShaper {
 public:
  struct Verdict {
    PacketFate fate = PacketFate::kPassed;
    std::int64_t departure = 0;  // when it passed: not before its arrival, nor before the departure of the one ahead
  };

  /// The same seed and stream lose the same packets and draw the same jitter.
  LinkShaper(const LinkDirection& direction, std::uint64_t seed, std::string_view stream);

  /// A packet of so many bytes (the whole IP packet) comes at `now`, which is not before the last one's.
  Verdict offer(std::int64_t now, std::int64_t bytes);

  /// The moment from which outages are counted; until this is called there are none.
  void begin_outages(std::int64_t now) { outages_from_ = now; }

 private:
  bool is_out(std::int64_t now) const;
  std::int64_t jitter();

  LinkDirection direction_;
  RandomStream loss_, jitter_;
  std::int64_t outages_from_ = -1;
  std::int64_t sent_until_ = 0;  // when the rate has let through all that it took
  std::int64_t last_departure_ = 0;
};

}  // namespace lumos
