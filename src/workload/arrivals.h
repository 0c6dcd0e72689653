// When requests are meant to be sent: arrival processes of an open load.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "record/vocabulary.h"
#include "workload/rate_schedule.h"

namespace lumos {

enum class ArrivalProcess : std::uint8_t {
  kUniform,  // evenly spaced
  kPoisson,  // memoryless: many users who know nothing of each other
  kMmpp,     // bursty: a Poisson process whose rate changes between two levels (Markov-modulated)
  kTimes,    // as listed
};

template <>
struct Names<ArrivalProcess> {
  static constexpr std::array<std::pair<ArrivalProcess, std::string_view>, 4> kTable{
      {{ArrivalProcess::kUniform, "uniform"},
       {ArrivalProcess::kPoisson, "poisson"},
       {ArrivalProcess::kMmpp, "mmpp"},
       {ArrivalProcess::kTimes, "file"}}};
};

/// The two states of kMmpp: each lasts exponentially long; in a burst the rate is `ratio` times that of the calm. The
/// mean over both is the rate asked for.
struct Bursts {
  double ratio = 10;
  double burst_s = 1, calm_s = 9;  // means

  /// The factors by which the two states multiply the rate.
  double in_burst() const { return ratio * in_calm(); }
  double in_calm() const { return (burst_s + calm_s) / (burst_s * ratio + calm_s); }
};

struct ArrivalSpec {
  ArrivalProcess process = ArrivalProcess::kPoisson;
  RateSchedule rate = RateSchedule::constant(1);  // not of kTimes
  Bursts bursts;                                  // of kMmpp
  std::vector<std::int64_t> times;                // of kTimes: ns since the beginning, ascending, not empty

  /// Requests due in the first `window`: of a random process, their mean.
  double expected(Nanoseconds window) const;
  /// How long it lasts by itself: the pieces of the rate, or the last listed time and 1 ns; nullopt of what goes on for
  /// ever.
  std::optional<Nanoseconds> duration() const;
};

/// The arrivals within a window, one by one. One thread.
class Arrivals {
 public:
  Arrivals(ArrivalSpec spec, Nanoseconds window, RandomStream stream);

  /// The next arrival in ns since the beginning, never earlier than the one before; nullopt when the window holds no
  /// more.
  std::optional<std::int64_t> next();

 private:
  double exponential();
  double next_s();
  double next_of_mmpp();

  ArrivalSpec spec_;
  Nanoseconds window_;
  RandomStream stream_;
  double at_s_ = 0;
  bool first_ = true;
  bool burst_ = false;
  double state_ends_s_ = 0;
  std::size_t listed_ = 0;  // of spec_.times
};

/// `arrivals`: "uniform", "poisson", "mmpp", "mmpp:RATIO,BURST,CALM" as in "mmpp:10,1s,9s", or "file:PATH", whose file
/// must come without a `rate` (workload/rate_schedule.h), as all others must not. Error: kUsage.
Expected<ArrivalSpec> parse_arrivals(const std::string& arrivals, const std::string& rate);

/// One time in s since the beginning a line, ascending, below 1e9; empty lines and lines after '#' are passed over.
/// Error: kUsage, "FILE:LINE: message".
Expected<std::vector<std::int64_t>> parse_arrival_times(std::string_view text, const std::string& file_name);

}  // namespace lumos
