#include "control/load/cell_load.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmath>
#include <memory>

#include "control/load/collector.h"
#include "control/load/demand.h"
#include "control/load/invocations.h"
#include "control/load/thread_use.h"
#include "control/load/worker.h"
#include "record/wire.h"
#include "telemetry/kernel_text.h"
#include "telemetry/machine_counters.h"

namespace lumos {
namespace {

constexpr Nanoseconds kBeforeBegin = std::chrono::milliseconds(10);
constexpr Nanoseconds kBetweenLooks = std::chrono::milliseconds(50);
// Of an open load, where as many requests may be under way as the system takes; those beyond wait in line.
constexpr int kOpenConnections = 1024;
// The gateway gives up first and says why; this is for a gateway that says nothing.
constexpr Nanoseconds kPatience = std::chrono::seconds(2);

std::int64_t whole(std::optional<double> ns) {
  if (!ns) return wire::kAbsent;
  return std::isfinite(*ns) ? std::llround(*ns) : INT64_MAX;
}

// What the window's process is in the mean: a ramp begins warm too.
ArrivalSpec warm_arrivals(const ArrivalSpec& within, Nanoseconds window) {
  ArrivalSpec spec = within;
  spec.process = within.process == ArrivalProcess::kTimes ? ArrivalProcess::kPoisson : within.process;
  spec.times.clear();
  const double seconds = std::chrono::duration<double>(window).count();
  spec.rate = RateSchedule::constant(std::max(within.expected(window) / seconds, 1e-3));
  return spec;
}

struct CellDemand {
  std::unique_ptr<Demand> demand;
  std::optional<double> expected;  // requests within the window, of an open load
};

CellDemand closed_demand(const CellLoadTask& task, const CellLoad& load, std::int64_t begin) {
  return {
      std::make_unique<ClosedLoop>(static_cast<int>(load.concurrency), ThinkTime{load.think, load.think_exponential},
                                   begin - load.warmup.count(), load.warmup + load.duration,
                                   RandomStream(task.plan->seed, std::format("think {}", task.repetition))),
      std::nullopt};
}

Expected<CellDemand> open_demand(const CellLoadTask& task, const CellLoad& load, std::int64_t begin) {
  ArrivalSpec spec{.process = ArrivalProcess::kTimes, .times = load.times};
  if (load.times.empty()) spec = LUMOS_TRY(parse_arrivals(load.arrivals, load.rate));
  const auto stream = [&](const char* part) {
    return RandomStream(task.plan->seed,
                        std::format("arrivals {} {} {} {}", part, load.arrivals, load.rate, task.repetition));
  };
  const double expected = spec.expected(load.duration);
  Arrivals before(warm_arrivals(spec, load.duration), load.warmup, stream("before"));
  Arrivals within(std::move(spec), load.duration, stream("within"));
  return CellDemand{std::make_unique<WarmedLoop>(OpenLoop(std::move(before), begin - load.warmup.count()),
                                                 OpenLoop(std::move(within), begin)),
                    expected};
}

/// Says once in a while whether there is a message, or nobody to send one any more.
class Interruption {
 public:
  explicit Interruption(const Channel& conductor) : conductor_(conductor) {}

  bool operator()() {
    const std::int64_t now = monotonic_ns();
    if (came_ || now - looked_ < kBetweenLooks.count()) return came_;
    looked_ = now;
    pollfd poll{conductor_.fd(), POLLIN, 0};
    return came_ = ::poll(&poll, 1, 0) > 0;
  }

 private:
  const Channel& conductor_;
  std::int64_t looked_ = 0;
  bool came_ = false;
};

void report(const LoadProgress& p, const Channel& conductor) {
  const wire::LoadStanding standing{.elapsed = p.elapsed.count(),
                                    .due = static_cast<std::int64_t>(p.due),
                                    .sent = static_cast<std::int64_t>(p.sent),
                                    .ended = static_cast<std::int64_t>(p.ended),
                                    .errors = static_cast<std::int64_t>(p.errors),
                                    .p50 = whole(p.p50_ns),
                                    .p99 = whole(p.p99_ns)};
  (void)!::send(conductor.fd(), &standing, sizeof standing, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/// What the generator's thread and its core did within the window.
struct WindowUse {
  Nanoseconds cpu_before{0}, spun_before{0};
  std::optional<CpuTicks> ticks_before, ticks_after;
  std::int64_t began = 0, ended = 0;

  std::int64_t core_busy_ppm() const {
    if (!ticks_before || !ticks_after || ended <= began) return wire::kAbsent;
    const double ticks =
        static_cast<double>(ticks_after->busy + ticks_after->steal - ticks_before->busy - ticks_before->steal);
    const double seconds = static_cast<double>(ended - began) / 1e9;
    return std::llround(1e6 * std::min(1.0, ticks / static_cast<double>(::sysconf(_SC_CLK_TCK)) / seconds));
  }
};

void add_counts(wire::LoadEnd& end, const Collector& collected, Invocations& invocations, const Worker& worker) {
  end.requests = static_cast<std::int64_t>(collected.requests());
  end.sent = static_cast<std::int64_t>(collected.sent_in_window());
  end.waited = static_cast<std::int64_t>(collected.waited_for_connection());
  end.kept = static_cast<std::int64_t>(invocations.records().size());
  end.answered = invocations.answered();
  for (std::size_t i = 0; i < end.outcomes.size(); ++i)
    end.outcomes[i] = static_cast<std::int64_t>(collected.count(static_cast<Outcome>(i)));
  end.schedule_error_p50 = whole(collected.schedule_error().quantile(0.5));
  end.schedule_error_p99 = whole(collected.schedule_error().quantile(0.99));
  end.schedule_error_max = whole(collected.schedule_error().max());
  end.backlog_points = static_cast<std::int64_t>(worker.backlog().size());
  std::ranges::copy(worker.backlog(), end.backlog.begin());
}

Expected<> send_what_came(const Collector& collected, Invocations& invocations, const wire::LoadEnd& end,
                          const Channel& conductor) {
  for (const auto& [sample, record] : invocations.records().take())
    LUMOS_TRY(conductor.send(wire::LoadSampleRecord{.client = record}));
  wire::LoadLatencies latencies;
  const auto flush = [&]() -> Expected<> {
    if (latencies.count > 0) LUMOS_TRY(conductor.send(latencies));
    latencies.count = 0;
    return {};
  };
  for (const auto& [ns, count] : collected.latency_of_ok().by_bucket()) {
    latencies.pairs[static_cast<std::size_t>(latencies.count++)] = {ns, static_cast<std::int64_t>(count)};
    if (latencies.count == static_cast<std::int64_t>(latencies.pairs.size())) LUMOS_TRY(flush());
  }
  LUMOS_TRY(flush());
  return conductor.send(end);
}

}  // namespace

Expected<> run_cell_load(const CellLoadTask& task, const Channel& conductor) {
  const Cell& cell = task.plan->cells.at(static_cast<std::size_t>(task.cell));
  const CellLoad& load = *cell.load;
  const int connections = load.open ? kOpenConnections : static_cast<int>(load.concurrency);
  wire::LoadEnd end;
  if (const auto allowed = allow_descriptors(connections); !allowed) {
    end.error = allowed.error().message;
    return conductor.send(end);
  }
  const Input& input = task.plan->input_of(cell);
  Invocations invocations(cell, input, task.plan->given_of(input.function), task.first_sample, connections,
                          static_cast<std::size_t>(load.samples), task.plan->seed);
  SocketTransport transport(task.gateway.value_or(Endpoint::loopback(task.port)), invocations, connections,
                            in_real_time() ? kSpin : Nanoseconds(0));
  Collector collected(1, 0, RandomStream(task.plan->seed, "unused"));
  const std::int64_t begin = transport.now() + kBeforeBegin.count() + load.warmup.count();
  const auto demand = load.open ? open_demand(task, load, begin) : closed_demand(task, load, begin);
  if (!demand) {
    end.error = demand.error().message;
    return conductor.send(end);
  }
  if (demand->expected)
    end.asked_per_1000s = std::llround(1e12 * *demand->expected / static_cast<double>(load.duration.count()));
  LUMOS_TRY(conductor.send(wire::LoadBegins{.begin = begin}));
  Interruption interruption(conductor);
  WindowUse use;
  const auto ticks = [&] {
    return task.core ? parse_core_ticks(read_kernel_file("/proc/stat"), *task.core) : std::nullopt;
  };
  const WorkerConfig config{.connections = connections,
                            .timeout = task.plan->stop.timeout + kPatience,
                            .begin = begin,
                            .window = load.duration,
                            .newest_first = load.open,
                            .backlog_points = wire::kBacklogPoints,
                            .window_begins =
                                [&] {
                                  use.cpu_before = thread_cpu();
                                  use.spun_before = transport.spun();
                                  use.ticks_before = ticks();
                                  use.began = transport.now();
                                },
                            .window_ends = [&] { use.ticks_after = ticks(), use.ended = transport.now(); },
                            .progress = [&](const LoadProgress& p) { report(p, conductor); },
                            .interrupted = [&] { return interruption(); }};
  Worker worker(config, transport, *demand->demand, collected);
  end.window = worker.run().count();
  end.wall = std::max(end.window, transport.now() - begin);
  end.cpu = (thread_cpu() - use.cpu_before).count();
  end.spun = (transport.spun() - use.spun_before).count();
  end.real_time = in_real_time();
  end.core_busy_ppm = use.core_busy_ppm();
  add_counts(end, collected, invocations, worker);
  return send_what_came(collected, invocations, end, conductor);
}

}  // namespace lumos
