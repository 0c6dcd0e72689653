// Recording a sample into run.sqlite, and what it does to memory.
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>

#include "base/clock.h"
#include "bench/figures.h"
#include "record/store.h"

using namespace lumos;

namespace {

double cpu_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

Sample warm_sample(std::int64_t id) {
  Sample s{.id = id,
           .visit = 1,
           .http_status = 200,
           .start = Start::kWarm,
           .start_verified = true,
           .instance = 1,
           .invocation = id};
  s.stamps = {
      .intended = id, .sent = id + 1, .received = id + 9, .dispatched = id + 12, .responded = id + 60, .done = id + 75};
  s.spans = {.receive = 1, .deserialize = 2, .compute = 3, .serialize = 4, .handle = 12};
  s.cpu_before_ns = id;
  s.cpu_after_ns = id + 20;
  s.request_bytes = s.response_bytes = 140;
  s.digest = "0123456789abcdef";
  return s;
}

}  // namespace

// Samples to record: the argument, or 2,000,000.
int main(int argc, char** argv) {
  const std::int64_t total = argc > 1 && std::atoll(argv[1]) > 0 ? std::atoll(argv[1]) : 2'000'000;
  const auto path = std::filesystem::temp_directory_path() / ("lumos-record-bench-" + std::to_string(::getpid()));
  auto store = Store::create(path, Plan{.name = "bench"});
  if (!store) return std::fprintf(stderr, "%s\n", store.error().message.c_str()), 3;
  constexpr int kRounds = 10;
  std::vector<double> cpu, wall, memory;
  std::int64_t id = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double cpu_before = cpu_us();
    const std::int64_t wall_before = monotonic_ns();
    const std::int64_t samples = total / kRounds;
    for (std::int64_t i = 0; i < samples; ++i) {
      if (!store->add(warm_sample(++id))) return 70;
    }
    if (!store->commit()) return 70;
    const auto n = static_cast<double>(samples);
    cpu.push_back((cpu_us() - cpu_before) / n);
    wall.push_back(static_cast<double>(monotonic_ns() - wall_before) / 1e3 / n);
    memory.push_back(static_cast<double>(bench::resident_bytes()) / 1e6);
  }
  bench::figure("recording a sample, CPU", cpu, "µs", "≤ 5 µs amortised");
  bench::figure("recording a sample, elapsed", wall, "µs", "");
  std::printf("resident memory after each tenth of %lld samples: %.1f MB … %.1f MB (asked: flat over 1e7)\n",
              static_cast<long long>(total), memory.front(), memory.back());
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix);
  return 0;
}
