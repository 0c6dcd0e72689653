// How benchmarks say what they found: one line per figure with its spread, ratios from interleaved rounds.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
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

/// Resident memory of a process; 0 when it cannot be read.
inline std::int64_t resident_bytes(pid_t pid = ::getpid()) {
  long pages = 0;
  if (std::FILE* file = std::fopen(("/proc/" + std::to_string(pid) + "/statm").c_str(), "r")) {
    if (std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return std::int64_t{pages} * ::sysconf(_SC_PAGESIZE);
}

}  // namespace lumos::bench
