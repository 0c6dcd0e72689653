// The largest rate at which objectives are met: a search over probes, whatever they are made of.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace lumos {

/// What a probe at one rate showed.
struct ProbeVerdict {
  bool meets = false;
  bool sure = false;      // not within the noise of the probe
  bool delivered = true;  // false: the generator could not ask so much; what the system would do is not known
  std::string reason;     // why it does not meet
  std::string run;        // where it is recorded
};

struct CapacityProbe {
  double rate_per_s = 0;
  ProbeVerdict verdict;
};

struct CapacitySearch {
  double start_per_s = 16;
  double precision = 0.05;  // of the answer: the next rate that fails is at most so much higher
  double lowest_per_s = 0.1, highest_per_s = 1e6;
  /// Asked before every probe but the first.
  std::function<bool()> may_go_on = [] { return true; };
};

/// How a search ended.
enum class CapacityEnd { kKnown, kBudget, kNoneMeets, kAllMeet };

struct Capacity {
  std::optional<double> rate_per_s;  // the largest that was seen to meet; nullopt: none was
  /// Where the answer lies: from the largest rate that surely met (0: none did) to the smallest above it that surely
  /// did not, or could not be asked (nullopt: none such was seen).
  double lo_per_s = 0;
  std::optional<double> hi_per_s;
  CapacityEnd end = CapacityEnd::kKnown;
  bool limited_by_generator = false;                    // the first rate above that was probed was not delivered
  std::vector<std::pair<double, double>> not_monotone;  // a lower rate that failed, a higher one that met
  std::vector<CapacityProbe> probes;                    // in the order made
};

/// Rates are rounded to three digits, so that a search that is repeated asks for the same ones. Nothing is assumed of
/// what lies between two rates: the search brackets by steps of 4, halves the bracket geometrically until it is as
/// narrow as asked, then probes the neighbours of the answer: twice the precision above, a third above, and two thirds
/// of it below. A rate above that meets moves the search there. Error: the probe's.
Expected<Capacity> find_capacity(const CapacitySearch& search,
                                 const std::function<Expected<ProbeVerdict>(double rate_per_s)>& probe);

}  // namespace lumos
