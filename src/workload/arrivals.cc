// A schedule of rates is a change of the clock: a process of rate 1 in "requests due" becomes one of rate λ(t) where
// every arrival u is moved to the t at which Λ(t) = u (inversion of the cumulative rate; Çinlar, Introduction to
// Stochastic Processes, 1975). Evenly spaced u give `uniform`, exponential gaps `poisson`. The two-state MMPP (Fischer
// and Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", Performance Evaluation 18, 1993) is a
// Poisson process in a rate that is λ(t) times the factor of the state, walked through state by state.
#include "workload/arrivals.h"

#include <algorithm>
#include <cmath>

namespace lumos {

double ArrivalSpec::expected(Nanoseconds window) const {
  if (process != ArrivalProcess::kTimes) return rate.expected(std::chrono::duration<double>(window).count());
  return static_cast<double>(std::ranges::lower_bound(times, window.count()) - times.begin());
}

std::optional<Nanoseconds> ArrivalSpec::duration() const {
  if (process == ArrivalProcess::kTimes) return Nanoseconds(times.back() + 1);
  const double seconds = rate.seconds();
  if (seconds <= 0) return std::nullopt;
  return Nanoseconds(std::llround(seconds * 1e9));
}

// A burst may be under way at the beginning: the first state is drawn as one would find it at any moment.
Arrivals::Arrivals(ArrivalSpec spec, Nanoseconds window, RandomStream stream)
    : spec_(std::move(spec)), window_(window), stream_(stream) {
  if (spec_.process != ArrivalProcess::kMmpp) return;
  const Bursts& b = spec_.bursts;
  burst_ = stream_.uniform() < b.burst_s / (b.burst_s + b.calm_s);
  state_ends_s_ = exponential() * (burst_ ? b.burst_s : b.calm_s);
}

double Arrivals::exponential() { return -std::log1p(-stream_.uniform()); }

double Arrivals::next_of_mmpp() {
  const double window_s = std::chrono::duration<double>(window_).count();
  double due = exponential();
  while (at_s_ < window_s) {
    const double factor = burst_ ? spec_.bursts.in_burst() : spec_.bursts.in_calm();
    const double next = spec_.rate.time_of(at_s_, due / factor);
    if (next <= state_ends_s_) return next;
    due -= factor * (spec_.rate.expected(state_ends_s_) - spec_.rate.expected(at_s_));
    due = std::max(due, 0.0);
    at_s_ = state_ends_s_;
    burst_ = !burst_;
    state_ends_s_ += exponential() * (burst_ ? spec_.bursts.burst_s : spec_.bursts.calm_s);
  }
  return at_s_;
}

double Arrivals::next_s() {
  if (spec_.process == ArrivalProcess::kMmpp) return next_of_mmpp();
  // Half a gap before the first: a window of a whole number of gaps then holds that number, whatever is rounded.
  if (spec_.process == ArrivalProcess::kUniform)
    return spec_.rate.time_of(at_s_, std::exchange(first_, false) ? 0.5 : 1);
  return spec_.rate.time_of(at_s_, exponential());
}

std::optional<std::int64_t> Arrivals::next() {
  std::int64_t time = 0;
  if (spec_.process == ArrivalProcess::kTimes) {
    if (listed_ == spec_.times.size()) return std::nullopt;
    time = spec_.times[listed_++];
  } else {
    at_s_ = next_s();
    time = std::llround(std::min(at_s_ * 1e9, 9e18));
  }
  return time < window_.count() ? std::optional(time) : std::nullopt;
}

}  // namespace lumos
