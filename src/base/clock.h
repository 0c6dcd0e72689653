// Time. Stamps are CLOCK_MONOTONIC nanoseconds of this host; wall-clock time is for people only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace lumos {

using Nanoseconds = std::chrono::nanoseconds;

/// CLOCK_MONOTONIC in ns. Any thread.
std::int64_t monotonic_ns();

/// Where code asks for the time, so that tests decide it. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Nanoseconds now() const = 0;
};

class MonotonicClock final : public Clock {
 public:
  Nanoseconds now() const override { return Nanoseconds(monotonic_ns()); }
};

/// Now as "2026-01-31T23:59:58Z" (`compact`: "20260131T235958Z").
std::string utc_now(bool compact = false);

}  // namespace lumos
