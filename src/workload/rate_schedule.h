// The rate that a load is meant to have, as a function of time.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace lumos {

/// Requests per second over the time since the beginning, in s: constant, in steps and ramps, or a sine. Pure values.
class RateSchedule {
 public:
  /// A straight line: `from` to `to` within `seconds`.
  struct Piece {
    double seconds = 0;
    double from_per_s = 0, to_per_s = 0;
  };

  /// Rates are finite and at least 0, durations above 0; the last rate goes on after the last piece, and is above 0.
  static RateSchedule constant(double rate_per_s);
  static RateSchedule pieces(std::vector<Piece> pieces);
  /// mean + amplitude · sin(2πt / period). 0 <= amplitude <= mean, which is above 0.
  static RateSchedule sine(double mean_per_s, double amplitude_per_s, double period_s);

  double rate(double t) const;
  /// Requests due from 0 to t.
  double expected(double t) const;
  /// The t >= `from` at which `requests` more are due than at `from`. requests >= 0.
  double time_of(double from, double requests) const;
  /// Of all pieces; 0 of a constant or a sine.
  double seconds() const;
  double highest_rate() const;

 private:
  std::vector<Piece> pieces_;  // empty: a sine
  double mean_ = 0, amplitude_ = 0, period_ = 1;
};

/// "500"; "100:10s,100-500:30s,500:10s" (a rate or a ramp, and how long); "sine:MEAN,AMPLITUDE,PERIOD" as in
/// "sine:300,200,60s". Rates up to 1e7 per second, at most 1000 pieces. Error: kUsage with the text.
Expected<RateSchedule> parse_rate(const std::string& text);

}  // namespace lumos
