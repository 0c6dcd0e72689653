// Method. A kernel's time on a machine that others use too is the sum of what the work takes and of what they add:
// evicted caches, a shared core's other thread, stolen time. They only ever add. So in each round the smallest of a few
// short repetitions is taken, and CPU time rather than the time that passes; the rounds, which are spread over the
// whole calibration, are then told apart by their median. How much of a server's last cache others leave us is no
// property of the machine: the kernels of memory begin with nothing in any cache. How far a second calibration would
// differ is estimated from this one: the even rounds and the odd ones are two calibrations of half the size, made at
// the same time.
#include "control/environment/calibration.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <thread>

#include "control/environment/kernels.h"
#include "host/placement.h"
#include "host/process.h"
#include "stats/quantile.h"
#include "telemetry/machine_counters.h"

namespace lumos {
namespace {

constexpr double kBusySteal = 0.01, kBusyOthers = 0.2;  // as the check `steal` has it

double now_s(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

struct Kernel {
  std::string name, unit;
  double per_unit = 1;  // what `unit` counts of one time: value = per_unit × seconds / times, or its inverse
  bool rate = false;    // more is better: amount / seconds
  clockid_t clock = CLOCK_THREAD_CPUTIME_ID;
  std::function<std::int64_t(std::int64_t times)> run;           // negative: it failed
  std::function<void()> prepare = [] {};                         // before each repetition, outside its time
  std::int64_t most = std::numeric_limits<std::int64_t>::max();  // of times in a repetition
  std::int64_t times = 1;                                        // so many take about one repetition
  std::vector<double> rounds;

  double value_of(double seconds) const {
    const auto n = static_cast<double>(times);
    return rate ? per_unit * n / seconds : per_unit * seconds / n;
  }
};

// What compilers must not see through.
std::int64_t keep(std::uint64_t value) { return static_cast<std::int64_t>(value >> 1); }

// 0: it failed.
double time_of(const Kernel& kernel) {
  kernel.prepare();
  const double begin = now_s(kernel.clock);
  const std::int64_t result = kernel.run(kernel.times);
  const double seconds = now_s(kernel.clock) - begin;
  asm volatile("" : : "r"(result) : "memory");  // its value is wanted, whatever becomes of it
  return result < 0 ? 0 : std::max(seconds, 1e-9);
}

// Doubles the work until it takes a quarter of a repetition, then scales.
bool size_kernel(Kernel& kernel, Nanoseconds repetition) {
  const double wanted = std::chrono::duration<double>(repetition).count();
  for (;;) {
    const double seconds = time_of(kernel);
    if (seconds == 0) return false;
    if (seconds >= wanted / 4 || kernel.times >= kernel.most) {
      const double fits = static_cast<double>(kernel.times) * wanted / seconds;
      kernel.times = std::clamp<std::int64_t>(std::llround(fits), 1, kernel.most);
      return true;
    }
    kernel.times = std::min(2 * kernel.times, kernel.most);
  }
}

struct Objects {
  kernels::Memory memory;
  kernels::Disk disk;
  kernels::Loopback loopback;
};

std::vector<Kernel> make_kernels(Objects& o) {
  using namespace kernels;
  constexpr double kNs = 1e9;
  std::vector<Kernel> all;
  const auto add = [&](const char* name, const char* unit, double per_unit, bool rate, auto run) -> Kernel& {
    all.push_back({.name = name, .unit = unit, .per_unit = per_unit, .rate = rate, .run = run});
    return all.back();
  };
  add("integer", "ns/step", kNs, false, [](std::int64_t n) { return keep(integer(n)); });
  add("float", "ns/step", kNs, false, [](std::int64_t n) { return keep(static_cast<std::uint64_t>(floating(n))); });
  // Once: what is read again comes out of a cache.
  const auto from_memory = [&o](Kernel& kernel, std::int64_t most) {
    kernel.prepare = [&o] { o.memory.evict(); };
    kernel.most = most;
  };
  from_memory(add("memory_bandwidth", "GB/s", static_cast<double>(Memory::kBytes) / 1e9, true,
                  [&o](std::int64_t n) { return keep(o.memory.read(n)); }),
              1);
  from_memory(add("memory_latency", "ns/load", kNs, false, [&o](std::int64_t n) { return keep(o.memory.chase(n)); }),
              Memory::kBytes / Memory::kLineBytes);
  add("system_call", "ns/call", kNs, false, [](std::int64_t n) { return system_calls(n); });
  add("dispatch", "ns/instruction", kNs, false,
      [](std::int64_t n) { return keep(static_cast<std::uint64_t>(dispatch(n))); });
  add("loopback", "µs/round trip", 1e6, false, [&o](std::int64_t n) { return o.loopback.exchange(n); });
  add("disk", "MB/s", static_cast<double>(Disk::kBlock) / 1e6, true, [&o](std::int64_t n) {
    return o.disk.read(n);
  }).clock = CLOCK_MONOTONIC;
  return all;
}

Expected<> run_rounds(const CalibrationConfig& config, std::vector<Kernel>& all,
                      const std::function<void(int, int)>& progress) {
  for (Kernel& kernel : all) {
    if (!size_kernel(kernel, config.repetition))
      return fail(ErrorCode::kEnvironment, "calibration: {} does not run here", kernel.name);
  }
  for (int round = 0; round < config.rounds; ++round) {
    progress(round, config.rounds);
    for (Kernel& kernel : all) {
      double best = std::numeric_limits<double>::infinity();
      for (int i = 0; i < config.repetitions; ++i) {
        const double seconds = time_of(kernel);
        if (seconds == 0) return fail(ErrorCode::kEnvironment, "calibration: {} failed", kernel.name);
        best = std::min(best, seconds);
      }
      kernel.rounds.push_back(kernel.value_of(best));
    }
  }
  return {};
}

void read_surroundings(Calibration& c, const MachineUse& use) {
  const auto share = [](std::int64_t part, std::int64_t whole) {
    return whole <= 0 ? 0.0 : static_cast<double>(std::max<std::int64_t>(0, part)) / static_cast<double>(whole);
  };
  if (use.steal_ns && use.machine_busy_ns) c.steal_share = share(*use.steal_ns, *use.steal_ns + *use.machine_busy_ns);
  if (use.machine_busy_ns && use.own_cpu_ns && use.elapsed_ns)
    c.other_load_share = share(*use.machine_busy_ns - *use.own_cpu_ns, *use.elapsed_ns);
}

MachineUse machine_now() {
  MachineUse use = read_machine();
  use.own_cpu_ns = process_cpu().count();
  return use;
}

Expected<Calibration> calibrate_here(const CalibrationConfig& config, const std::function<void(int, int)>& progress) {
  LUMOS_TRY(bind_to_cores({config.core}));
  // Before the others are made: what returns in the midst of an initialiser leaves its first members behind.
  auto disk = LUMOS_TRY(kernels::Disk::open(config.folder));
  auto loopback = LUMOS_TRY(kernels::Loopback::open());
  Objects objects{.memory = {}, .disk = std::move(disk), .loopback = std::move(loopback)};
  std::vector<Kernel> all = make_kernels(objects);
  const MachineUse before = machine_now();
  LUMOS_TRY(run_rounds(config, all, progress));
  const MachineUse use = machine_now().since(before);
  Calibration result{
      .utc = utc_now(), .seconds = static_cast<double>(use.elapsed_ns.value_or(0)) / 1e9, .core = config.core};
  read_surroundings(result, use);
  for (Kernel& kernel : all) result.kernels.push_back(speed_of(kernel.name, kernel.unit, kernel.rounds));
  return result;
}

}  // namespace

KernelSpeed speed_of(std::string name, std::string unit, const std::vector<double>& rounds) {
  LUMOS_CHECK(rounds.size() >= 2);
  std::vector<double> even, odd;
  for (std::size_t i = 0; i < rounds.size(); ++i) (i % 2 == 0 ? even : odd).push_back(rounds[i]);
  const double value = *quantile(rounds, 0.5);
  return {.name = std::move(name),
          .unit = std::move(unit),
          .value = value,
          .spread = (*quantile(rounds, 0.75) - *quantile(rounds, 0.25)) / value,
          .repeatability = std::abs(*quantile(even, 0.5) - *quantile(odd, 0.5)) / value};
}

double Calibration::repeatability() const {
  double largest = 0;
  for (const auto& kernel : kernels) {
    if (kernel.name != "disk") largest = std::max(largest, kernel.repeatability);
  }
  return largest;
}

bool Calibration::busy() const {
  return steal_share.value_or(0) > kBusySteal || other_load_share.value_or(0) > kBusyOthers;
}

Expected<Calibration> calibrate(const CalibrationConfig& config,
                                const std::function<void(int done, int rounds)>& progress) {
  std::optional<Expected<Calibration>> result;
  std::jthread([&] { result = calibrate_here(config, progress); }).join();
  return std::move(*result);
}

nlohmann::ordered_json to_json(const Calibration& c) {
  const auto maybe = [](std::optional<double> v) { return v ? nlohmann::ordered_json(*v) : nullptr; };
  auto kernels = nlohmann::ordered_json::array();
  for (const auto& k : c.kernels) {
    kernels.push_back({{"name", k.name},
                       {"value", k.value},
                       {"unit", k.unit},
                       {"spread", k.spread},
                       {"repeatability", k.repeatability}});
  }
  return {{"schema", 1},
          {"utc", c.utc},
          {"seconds", c.seconds},
          {"core", c.core},
          {"steal_share", maybe(c.steal_share)},
          {"other_load_share", maybe(c.other_load_share)},
          {"busy", c.busy()},
          {"repeatability", c.repeatability()},
          {"kernels", kernels}};
}

std::optional<Calibration> calibration_from_json(const nlohmann::json& json) {
  try {
    if (json.at("schema") != 1) return std::nullopt;
    const auto maybe = [&](const char* key) {
      return json.at(key).is_null() ? std::nullopt : std::optional(json.at(key).get<double>());
    };
    Calibration c{.utc = json.at("utc"), .seconds = json.at("seconds"), .core = json.at("core")};
    c.steal_share = maybe("steal_share");
    c.other_load_share = maybe("other_load_share");
    for (const auto& k : json.at("kernels")) {
      c.kernels.push_back({.name = k.at("name"),
                           .unit = k.at("unit"),
                           .value = k.at("value"),
                           .spread = k.at("spread"),
                           .repeatability = k.at("repeatability")});
    }
    return c;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace lumos
