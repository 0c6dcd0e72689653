// What one request costs the statistics of a load: a histogram insert and a place in the reservoir, beside writing the
// same values into an array that is used again from the start (the floor: a store and a counter).
#include <unistd.h>

#include <array>
#include <cmath>
#include <ctime>

#include "bench/figures.h"
#include "stats/histogram.h"
#include "stats/reservoir.h"

using namespace lumos;

namespace {

constexpr int kValues = 1 << 16, kPasses = 64;

double cpu_ns() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

/// CPU time of one call, in ns.
template <typename Insert>
double cost_ns(const std::vector<std::int64_t>& values, Insert insert) {
  const double before = cpu_ns();
  for (int pass = 0; pass < kPasses; ++pass) {
    for (const std::int64_t value : values) insert(value);
  }
  return (cpu_ns() - before) / (static_cast<double>(kPasses) * kValues);
}

}  // namespace

int main() {
  RandomStream random(1, "bench");
  std::vector<std::int64_t> values;
  for (int i = 0; i < kValues; ++i) values.push_back(std::llround(-5e6 * std::log1p(-random.uniform())));
  Histogram histogram;
  Reservoir<std::array<std::int64_t, 4>> reservoir(1'000'000, RandomStream(2, "bench"), 1'000'000);
  std::vector<std::int64_t> ring(kValues);
  std::size_t next = 0;
  std::vector<double> floor, insert, keep;
  for (int round = 0; round < 7; ++round) {
    floor.push_back(cost_ns(values, [&](std::int64_t v) { ring[next++ % kValues] = v; }));
    insert.push_back(cost_ns(values, [&](std::int64_t v) { histogram.add(v); }));
    keep.push_back(cost_ns(values, [&](std::int64_t v) { reservoir.add({v, v, v, v}); }));
  }
  bench::figure("a value into an array, CPU", floor, "ns", "");
  bench::figure("a value into the histogram, CPU", insert, "ns", "≤ 5 ns");
  bench::figure("a sample into the reservoir (1e6 of many), CPU", keep, "ns", "");
  constexpr std::int64_t kMany = 1'000'000'000;
  const std::int64_t before = bench::resident_bytes();
  for (std::int64_t left = kMany; left > 0; left -= kValues) {
    for (const std::int64_t value : values) histogram.add(value);
  }
  bench::figure("memory that 1e9 values more take", {static_cast<double>(bench::resident_bytes() - before) / 1e3}, "kB",
                "constant");
  std::printf("memory: histogram %zu bytes after %llu values, p99 %.0f\n", sizeof histogram,
              static_cast<unsigned long long>(histogram.count()), *histogram.quantile(0.99));
  return 0;
}
