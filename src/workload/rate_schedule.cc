#include "workload/rate_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lumos {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

double slope(const RateSchedule::Piece& p) { return (p.to_per_s - p.from_per_s) / p.seconds; }

double area(const RateSchedule::Piece& p, double t) { return p.from_per_s * t + slope(p) * t * t / 2; }

}  // namespace

RateSchedule RateSchedule::constant(double rate_per_s) { return pieces({{0, rate_per_s, rate_per_s}}); }

RateSchedule RateSchedule::pieces(std::vector<Piece> pieces) {
  LUMOS_CHECK(!pieces.empty() && pieces.back().to_per_s > 0);
  RateSchedule schedule;
  schedule.pieces_ = std::move(pieces);
  return schedule;
}

RateSchedule RateSchedule::sine(double mean_per_s, double amplitude_per_s, double period_s) {
  LUMOS_CHECK(mean_per_s > 0 && amplitude_per_s >= 0 && amplitude_per_s <= mean_per_s && period_s > 0);
  RateSchedule schedule;
  schedule.mean_ = mean_per_s;
  schedule.amplitude_ = amplitude_per_s;
  schedule.period_ = period_s;
  return schedule;
}

double RateSchedule::rate(double t) const {
  if (pieces_.empty()) return mean_ + amplitude_ * std::sin(kTurn * t / period_);
  for (const Piece& piece : pieces_) {
    if (t < piece.seconds) return piece.from_per_s + slope(piece) * t;
    t -= piece.seconds;
  }
  return pieces_.back().to_per_s;
}

double RateSchedule::expected(double t) const {
  if (pieces_.empty()) return mean_ * t + amplitude_ * period_ / kTurn * (1 - std::cos(kTurn * t / period_));
  double sum = 0;
  for (const Piece& piece : pieces_) {
    if (t < piece.seconds) return sum + area(piece, t);
    if (piece.seconds > 0) sum += area(piece, piece.seconds);
    t -= piece.seconds;
  }
  return sum + pieces_.back().to_per_s * t;
}

// Newton's method on expected(t) − goal, which never falls: within a bracket, halved wherever a step would leave it, as
// it does where the rate is near 0.
double RateSchedule::time_of(double from, double requests) const {
  const double goal = expected(from) + requests;
  double low = from, width = std::max(1e-6, requests / std::max(highest_rate(), 1e-9)), high = low + width;
  while (expected(high) < goal) {
    low = high;
    high += width *= 2;
  }
  double t = low;
  for (int i = 0; i < 100 && high - low > 1e-10; ++i) {
    const double missing = goal - expected(t);
    if (std::abs(missing) <= 1e-9) break;
    (missing > 0 ? low : high) = t;
    const double next = t + missing / rate(t);
    t = next > low && next <= high ? next : (low + high) / 2;
  }
  return std::max(from, t);
}

double RateSchedule::seconds() const {
  double sum = 0;
  for (const Piece& piece : pieces_) sum += piece.seconds;
  return sum;
}

double RateSchedule::highest_rate() const {
  double highest = mean_ + amplitude_;
  for (const Piece& piece : pieces_) highest = std::max({highest, piece.from_per_s, piece.to_per_s});
  return highest;
}

}  // namespace lumos
