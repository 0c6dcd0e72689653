// How benchmarks say what they found: one line per figure with its spread, ratios from interleaved rounds.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace lumos::bench {

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n == 0 ? 0 : n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/// "WHAT  median UNIT  [min … max] over n rounds  (asked: ASKED)".
inline void figure(const std::string& what, const std::vector<double>& rounds, const std::string& unit,
                   const std::string& asked) {
  const auto [lo, hi] = std::ranges::minmax(rounds);
  std::printf("%-58s %9.3f %-4s [%.3f … %.3f] over %zu rounds%s\n", what.c_str(), median(rounds), unit.c_str(), lo, hi,
              rounds.size(), asked.empty() ? "" : ("  (asked: " + asked + ")").c_str());
}

/// The ratio of two medians per round, each round measured interleaved.
inline std::vector<double> ratios(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result;
  for (std::size_t i = 0; i < a.size(); ++i) result.push_back(a[i] / b[i]);
  return result;
}

}  // namespace lumos::bench
