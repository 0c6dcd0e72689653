#include "analysis/capacity.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <ranges>

namespace lumos {
namespace {

constexpr double kStep = 4;
constexpr int kMostProbes = 100;

/// Three digits.
double rounded(double rate) {
  const double unit = std::pow(10, std::floor(std::log10(rate)) - 2);
  return std::round(rate / unit) * unit;
}

class Search {
 public:
  Search(const CapacitySearch& search, const std::function<Expected<ProbeVerdict>(double)>& probe)
      : search_(search), probe_(probe) {}

  Expected<Capacity> run() {
    LUMOS_TRY(bracket());
    for (bool moved = best().has_value(); moved && !spent_;) {
      LUMOS_TRY(narrow());
      moved = LUMOS_TRY(confirm());
    }
    return answer();
  }

 private:
  using Known = std::map<double, ProbeVerdict>;

  /// The largest rate that met.
  std::optional<double> best() const {
    for (const auto& [rate, verdict] : known_ | std::views::reverse) {
      if (verdict.meets) return rate;
    }
    return std::nullopt;
  }

  /// The smallest known rate above `rate`.
  std::optional<double> above(double rate) const {
    const auto at = known_.upper_bound(rate);
    return at == known_.end() ? std::nullopt : std::optional(at->first);
  }

  /// nullopt: the budget is spent.
  Expected<std::optional<ProbeVerdict>> ask(double rate) {
    rate = rounded(std::clamp(rate, search_.lowest_per_s, search_.highest_per_s));
    if (const auto found = known_.find(rate); found != known_.end()) return std::optional(found->second);
    if (!result_.probes.empty() && (result_.probes.size() >= kMostProbes || !search_.may_go_on())) {
      spent_ = true;
      return std::optional<ProbeVerdict>();
    }
    const ProbeVerdict verdict = LUMOS_TRY(probe_(rate));
    known_[rate] = verdict;
    result_.probes.push_back({rate, verdict});
    return std::optional(verdict);
  }

  Expected<> bracket() {
    double rate = search_.start_per_s;
    auto verdict = LUMOS_TRY(ask(rate));
    const bool up = verdict && verdict->meets;
    while (verdict && verdict->meets == up) {
      if ((up && rate >= search_.highest_per_s) || (!up && rate <= search_.lowest_per_s)) break;
      rate = std::clamp(up ? rate * kStep : rate / kStep, search_.lowest_per_s, search_.highest_per_s);
      verdict = LUMOS_TRY(ask(rate));
    }
    return {};
  }

  Expected<> narrow() {
    for (;;) {
      const auto lo = best();
      const auto hi = lo ? above(*lo) : std::nullopt;
      if (!lo || !hi || *hi / *lo <= 1 + search_.precision) return {};
      const double middle = rounded(std::sqrt(*lo * *hi));
      if (middle <= *lo || middle >= *hi) return {};  // as narrow as three digits
      if (!LUMOS_TRY(ask(middle))) return {};
    }
  }

  // True: a higher rate met, and the search goes on there.
  Expected<bool> confirm() {
    const double answer = *best();
    for (const double factor : {1 + 2 * search_.precision, 4.0 / 3, 2.0 / 3}) {
      const auto verdict = LUMOS_TRY(ask(answer * factor));
      if (!verdict) return false;
      if (*best() > answer) return true;
    }
    return false;
  }

  Capacity answer() {
    result_.rate_per_s = best();
    if (const auto rate = best()) {
      for (const auto& [known, verdict] : known_) {
        if (known <= *rate && verdict.meets && verdict.sure) result_.lo_per_s = known;
        if (known < *rate && !verdict.meets && verdict.delivered) result_.not_monotone.emplace_back(known, *rate);
        const bool ends = known > *rate && (verdict.sure || !verdict.delivered);
        if (ends && !result_.hi_per_s) result_.hi_per_s = known;
      }
      const auto next = above(*rate);
      result_.limited_by_generator = next && !known_.at(*next).delivered;
      result_.end = !next ? CapacityEnd::kAllMeet : CapacityEnd::kKnown;
    } else {
      result_.end = CapacityEnd::kNoneMeets;
      for (const auto& [known, verdict] : known_) {
        if (verdict.sure && !result_.hi_per_s) result_.hi_per_s = known;
      }
    }
    if (spent_) result_.end = CapacityEnd::kBudget;
    return std::move(result_);
  }

  const CapacitySearch& search_;
  const std::function<Expected<ProbeVerdict>(double)>& probe_;
  Known known_;
  Capacity result_;
  bool spent_ = false;
};

}  // namespace

Expected<Capacity> find_capacity(const CapacitySearch& search,
                                 const std::function<Expected<ProbeVerdict>(double)>& probe) {
  return Search(search, probe).run();
}

}  // namespace lumos
