// What the time series at 100 Hz costs: CPU per living instance on the gateway's core, a point in run.sqlite, and the
// latency of a warm noop with the series on and off, taking turns.
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include <array>
#include <thread>

#include "base/channel.h"
#include "bench/figures.h"
#include "bench/must.h"
#include "control/build/builder.h"
#include "control/experiment/local_run.h"
#include "control/gateway/series_log.h"
#include "host/cgroup.h"
#include "host/placement.h"
#include "host/process.h"
#include "http/event_loop.h"
#include "policy/placement.h"
#include "record/store.h"

using namespace lumos;
using bench::die;
using bench::must;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int kRounds = 7, kWarmPerRound = 4000;
constexpr Nanoseconds kPeriod = 10ms;

/// Groups with a process in each that works a little every millisecond, as an instance under load does.
class LivingGroups {
 public:
  LivingGroups(int count, const std::vector<int>& cores) {
    for (int i = 0; i < count; ++i) {
      const std::string group = std::format("{}/i{}", parent_, i);
      must(make_cgroup(tree_, group));
      const CgroupEntry entry = must(open_cgroup(tree_, group));
      pids_.push_back(must(fork_process(0, [&] {
        must(bind_to_cores(cores));
        for (const auto& procs : entry.procs) (void)!::write(procs.get(), "0", 1);
        for (volatile std::int64_t work = 0;;) {
          for (int j = 0; j < 20'000; ++j) work = work + j;
          std::this_thread::sleep_for(1ms);
        }
        return 0;
      })));
      counters_.push_back(CgroupCounters::open(tree_, group));
    }
  }
  ~LivingGroups() {
    for (const pid_t pid : pids_) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
    (void)remove_cgroup(tree_, parent_);
  }
  LivingGroups(const LivingGroups&) = delete;
  LivingGroups& operator=(const LivingGroups&) = delete;

  const CgroupCounters& at(std::size_t i) const { return counters_.at(i); }

 private:
  CgroupTree tree_ = must(CgroupTree::find());
  std::string parent_ = std::format("lumos/bench{}", ::getpid());
  std::vector<pid_t> pids_;
  std::vector<CgroupCounters> counters_;
};

/// Per cent of a core that a loop takes which does nothing but tick over the first `count` groups, as the gateway does.
double core_percent(const LivingGroups& groups, std::size_t count) {
  http::EventLoop loop;
  SeriesLog log(kPeriod, monotonic_ns());
  const std::int64_t end = monotonic_ns() + Nanoseconds(2s).count();
  const Fd ticks(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  const timespec period{.tv_sec = 0, .tv_nsec = kPeriod.count()};
  const itimerspec when{.it_interval = period, .it_value = period};
  ::timerfd_settime(ticks.get(), 0, &when, nullptr);
  loop.watch(ticks.get(), EPOLLIN, [&](std::uint32_t) {
    std::uint64_t expired = 0;
    (void)!::read(ticks.get(), &expired, sizeof expired);
    const std::int64_t now = monotonic_ns();
    for (std::size_t i = 0; i < count; ++i) log.read(static_cast<std::int64_t>(i), groups.at(i), now);
    if (now >= end) loop.stop();
  });
  const Nanoseconds before = process_cpu();
  const std::int64_t began = monotonic_ns();
  loop.run();
  loop.forget(ticks.get());
  return 100.0 * static_cast<double>((process_cpu() - before).count()) / static_cast<double>(monotonic_ns() - began);
}

/// CPU of one point in run.sqlite, µs.
double stored_point_us(const fs::path& folder) {
  const fs::path file = folder / std::format("lumos-telemetry-bench-{}", ::getpid());
  double us = 0;
  {
    Store store = must(Store::create(file, Plan{.name = "bench"}));
    Instance instance{.id = 1};
    for (std::int64_t i = 0; i < 100'000; ++i) {
      instance.series.push_back(
          {.t_ns = i * kPeriod.count(), .cpu_total_ns = i * 4'000'000, .memory_bytes = 4'845'568});
    }
    const Nanoseconds before = process_cpu();
    must(store.add(instance));
    must(store.commit());
    us = static_cast<double>((process_cpu() - before).count()) / 1e3 / static_cast<double>(instance.series.size());
  }
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(file.string() + suffix);
  return us;
}

struct Latency {
  double p50_us = 0, p95_us = 0;
};

/// Warm invocations of one instance, in a process of its own: starting a backend changes the process that does it.
Latency warm(bool series, const std::vector<Artefact>& artefacts, const fs::path& home) {
  auto [ours, theirs] = must(Channel::pair());
  const pid_t pid = must(fork_process(0, [&, &ours = ours, &theirs = theirs] {
    ours.close();
    Plan plan{.name = "bench", .series = series};
    plan.deployments.push_back({.function = "noop", .runtime = "crun", .variant = variant_of(ArtefactKind::kNative)});
    plan.inputs.push_back({.content_type = "application/json", .body = "{}", .made = true});
    plan.cells.push_back({.factors = nlohmann::ordered_json::object(), .start = Start::kWarm});
    const auto backend = must(start_local_backend(plan, artefacts, {.home = home, .log = home / "bench.log"}));
    std::vector<double> us;
    for (std::int64_t id = 1; id <= kWarmPerRound + 100; ++id) {
      const Sample s = must(backend->invoke(plan.cells[0], id));
      if (s.outcome != Outcome::kOk) die({ErrorCode::kMeasuredFailure, "an invocation failed"});
      if (id > 100) us.push_back(static_cast<double>(*s.latency_ns()) / 1e3);
    }
    must(backend->retire(0));
    std::ranges::sort(us);
    return theirs.send(Latency{.p50_us = us[us.size() / 2], .p95_us = us[us.size() * 95 / 100]}) ? 0 : 70;
  }));
  theirs.close();
  const auto latency = must(ours.receive<Latency>());
  ::waitpid(pid, nullptr, 0);
  return *latency;
}

void compare_latency(const bench::Folders& folders) {
  SystemCommandRunner runner;
  const auto built = must(build_functions(
      runner,
      {.functions = folders.functions, .home = folders.home, .wanted = default_artefacts({"noop"}), .progress = {}}));
  std::array<std::vector<double>, 2> p50, p95;      // off, on
  for (int round = -1; round < kRounds; ++round) {  // round -1 warms the caches and is thrown away
    for (int turn = 0; turn < 2; ++turn) {
      const bool on = (turn + round) % 2 != 0;
      const Latency latency = warm(on, built.artefacts, folders.home);
      if (round < 0) continue;
      p50[on ? 1 : 0].push_back(latency.p50_us);
      p95[on ? 1 : 0].push_back(latency.p95_us);
    }
  }
  bench::figure("warm noop p50, series off", p50[0], "µs", "");
  bench::figure("warm noop p50, series on", p50[1], "µs", "");
  bench::figure("warm noop p95, series off", p95[0], "µs", "");
  bench::figure("warm noop p95, series on", p95[1], "µs", "");
  bench::figure("p50 on / off", bench::ratios(p50[1], p50[0]), "×", "1 within its spread");
  bench::figure("p95 on / off", bench::ratios(p95[1], p95[0]), "×", "1 within its spread");
}

}  // namespace

int main() {
  const Placement placement = plan_placement(allowed_cores());
  // Before this process binds itself to a core: those that it starts would be bound with it.
  compare_latency(bench::folders());
  constexpr std::size_t kMany = 16;
  std::vector<double> none, one, many, point;
  {
    const LivingGroups groups(kMany, placement.instances.cores);
    must(bind_to_cores(placement.conductor.cores));
    for (int round = 0; round < kRounds; ++round) {
      none.push_back(core_percent(groups, 0));
      one.push_back(core_percent(groups, 1));
      many.push_back(core_percent(groups, kMany) / kMany);
      point.push_back(stored_point_us(fs::temp_directory_path()));
    }
  }
  bench::figure("100 Hz, one living container: share of a core", one, "%", "≤ 0.5 % per container");
  bench::figure("100 Hz, 16 living containers: share of a core, each", many, "%", "≤ 0.5 % per container");
  bench::figure("waking up 100 times a second, which is in both", none, "%", "");
  bench::figure("a point in run.sqlite, between visits", point, "µs", "");
  return 0;
}
