#include "control/load/load.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "control/load/thread_use.h"
#include "host/placement.h"
#include "stats/quantile.h"

namespace lumos {
namespace {

constexpr Nanoseconds kBeforeBegin = std::chrono::milliseconds(10);

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::optional<double> in_ms(std::optional<double> ns) {
  return ns.transform([](double value) { return value / 1e6; });
}

double seconds(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

// The last core is the one that the kernel and others use least.
Pacing take_core(const LoadSpec& spec) {
  Pacing pacing;
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  if (!spec.arrivals) return pacing;
  const std::vector<int> cores = allowed_cores();
  if (!spec.real_time) {
    pacing.why_not = "it was not asked for";
  } else if (cores.size() < 2) {
    pacing.why_not = "this process may use one core only";
  } else if (const auto bound = bind_to_cores({cores.back()}); !bound) {
    pacing.why_not = bound.error().message;
  } else {
    pacing.core = cores.back();
    const auto raised = enter_real_time();
    pacing.real_time = raised.has_value();
    if (!raised) pacing.why_not = raised.error().message;
  }
  return pacing;
}

std::unique_ptr<Demand> make_demand(const LoadSpec& spec, std::int64_t begin) {
  if (spec.arrivals)
    return std::make_unique<OpenLoop>(Arrivals(*spec.arrivals, spec.duration, RandomStream(spec.seed, "arrivals")),
                                      begin);
  return std::make_unique<ClosedLoop>(spec.connections, spec.think, begin, spec.duration,
                                      RandomStream(spec.seed, "think"));
}

}  // namespace

std::optional<double> LoadResult::rate_asked_per_s() const {
  return spec.arrivals.transform(
      [&](const ArrivalSpec& arrivals) { return arrivals.expected(window) / seconds(window); });
}

double LoadResult::rate_reached_per_s() const {
  return static_cast<double>(collected.sent_in_window()) / seconds(window);
}

double LoadResult::throughput_per_s() const {
  return static_cast<double>(collected.count(Outcome::kOk)) / seconds(wall);
}

std::optional<double> LoadResult::cpu_us_per_request() const {
  if (collected.ended() == 0) return std::nullopt;
  return seconds(cpu - spun) * 1e6 / static_cast<double>(collected.ended());
}

std::optional<double> LoadResult::latency_ms(double p) const {
  if (!collected.samples().complete()) return in_ms(collected.latency().quantile(p));
  std::vector<double> values;
  for (const LoadSample& s : collected.samples().items())
    values.push_back(s.outcome == Outcome::kOk ? static_cast<double>(s.done - s.intended) : kInfinity);
  return in_ms(quantile(std::move(values), p));
}

std::optional<double> LoadResult::latency_ok_ms(double p) const {
  if (!collected.samples().complete()) return in_ms(collected.latency_of_ok().quantile(p));
  std::vector<double> values;
  for (const LoadSample& s : collected.samples().items()) {
    if (s.outcome == Outcome::kOk) values.push_back(static_cast<double>(s.done - s.intended));
  }
  return in_ms(quantile(std::move(values), p));
}

Expected<LoadResult> run_load(const LoadSpec& spec, const LoadHooks& hooks) {
  LUMOS_TRY(allow_descriptors(spec.connections));
  Pacing pacing = take_core(spec);
  const double expected = spec.arrivals ? spec.arrivals->expected(spec.duration) * 1.1 + 1000 : 1e6;
  LoadResult result{.spec = spec,
                    .pacing = std::move(pacing),
                    .collected = Collector(spec.sample_limit, static_cast<std::size_t>(std::min(expected, 1e9)),
                                           RandomStream(spec.seed, "samples"))};
  OneRequest requester(spec.request);
  SocketTransport transport(spec.target.endpoint, requester, spec.connections,
                            result.pacing.real_time ? kSpin : Nanoseconds(0));
  const WorkerConfig config{.connections = spec.connections,
                            .timeout = spec.timeout,
                            .begin = transport.now() + kBeforeBegin.count(),
                            .window = spec.duration,
                            .progress = hooks.progress,
                            .interrupted = hooks.interrupted};
  const auto demand = make_demand(spec, config.begin);
  const Nanoseconds cpu_before = thread_cpu();
  result.window = Worker(config, transport, *demand, result.collected).run();
  result.cpu = thread_cpu() - cpu_before;
  result.spun = transport.spun();
  result.wall = std::max(result.window, Nanoseconds(transport.now() - config.begin));
  result.interrupted = result.window < spec.duration;
  return result;
}

}  // namespace lumos
