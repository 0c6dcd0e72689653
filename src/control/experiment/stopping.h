// When a cell has been measured enough.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/plan.h"
#include "record/sample.h"
#include "stats/bootstrap.h"

namespace lumos {

/// What has been measured of one cell so far, one replicate per finished visit.
class CellProgress {
 public:
  /// The measured samples of one visit; failed ones count as infinite.
  void add_visit(const std::vector<Sample>& samples, Nanoseconds duration);
  /// All requests of one repetition of a load.
  void add_visit(const LoadRecord& load, Nanoseconds duration);

  /// Visits still to be expected. 0 = enough: `max` replicates; or `min` of them and the interval of `rule.of` narrow
  /// enough; or `min` of them and nothing but failures. Else at least up to `min`, beyond it from the width of the
  /// interval, which shrinks with the root of n. The interval is looked at again when the replicates have grown by a
  /// twentieth, so that a long run does not spend its time on statistics.
  std::int64_t visits_left(const StopRule& rule, std::uint64_t seed);

  std::int64_t replicates() const { return static_cast<std::int64_t>(latencies_.size() + loads_.size()); }
  /// Mean duration of a visit; 0 when there was none.
  Nanoseconds visit_duration() const;

 private:
  // Half the interval's width over its value; nullopt when there is none yet.
  std::optional<double> relative_half_width(const StopRule& rule, std::uint64_t seed) const;

  // ns. A cell has visits of one kind.
  Replicates latencies_;
  std::vector<Frequencies> loads_;
  Nanoseconds spent_{0};
  bool any_ok_ = false;
  std::optional<double> width_;  // at the last look
  std::int64_t next_look_ = 0;   // replicates
};

/// A sentence for each start whose cells can never be done before `stop.max`, because the interval that would end them
/// needs more samples than they can have by then. None where `min` is `max`: then nothing else was asked for.
std::vector<std::string> rules_without_effect(const Plan& plan);

}  // namespace lumos
