// What became of a load's requests, in bounded memory.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>

#include "base/clock.h"
#include "record/vocabulary.h"
#include "stats/histogram.h"
#include "stats/reservoir.h"

namespace lumos {

/// One request. Stamps are ns since the beginning of the window; `sent` is kNever when nothing was.
struct LoadSample {
  static constexpr std::int64_t kNever = INT64_MIN;
  std::int64_t intended = 0, sent = kNever, done = 0;
  Outcome outcome = Outcome::kOk;
};

using OutcomeCounts = std::array<std::uint64_t, Names<Outcome>::kTable.size()>;

/// Counts and sketches of all requests, and a sample of them. One thread.
class Collector {
 public:
  /// How long after the window's end a request may be sent and still count as sent within it.
  static constexpr Nanoseconds kGrace = std::chrono::milliseconds(5);

  /// Keeps every sample up to `limit`, then a uniform sample of so many; `expected` are made room for at once.
  Collector(std::size_t limit, std::size_t expected, RandomStream stream) : samples_(limit, stream, expected) {}

  /// A request was due, and its turn came `late` ns after.
  void due(std::int64_t late) { schedule_error_.add(late); }
  /// A request had to wait because no connection was free.
  void waited() { ++waited_; }
  void ended(const LoadSample& sample);
  /// From here on nothing more is sent "within the window".
  void end_window(std::int64_t at) { window_end_ = at; }

  std::uint64_t requests() const { return schedule_error_.count(); }
  std::uint64_t count(Outcome outcome) const { return counts_[static_cast<std::size_t>(outcome)]; }
  std::uint64_t ended() const { return std::reduce(counts_.begin(), counts_.end()); }
  std::uint64_t errors() const { return ended() - count(Outcome::kOk); }
  std::uint64_t waited_for_connection() const { return waited_; }
  std::uint64_t sent_in_window() const { return sent_; }
  /// From intended to done, ns, of all that have ended; failed ones infinite.
  const Histogram& latency() const { return latency_; }
  /// The same of those that succeeded.
  const Histogram& latency_of_ok() const { return latency_of_ok_; }
  /// From intended to its turn, ns.
  const Histogram& schedule_error() const { return schedule_error_; }
  const Reservoir<LoadSample>& samples() const { return samples_; }

 private:
  OutcomeCounts counts_{};
  std::uint64_t waited_ = 0, sent_ = 0;
  std::int64_t window_end_ = INT64_MAX;
  Histogram latency_, latency_of_ok_, schedule_error_;
  Reservoir<LoadSample> samples_;
};

}  // namespace lumos
