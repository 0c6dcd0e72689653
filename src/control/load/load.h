// One load: what is asked, and what came of it.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "control/load/collector.h"
#include "control/load/demand.h"
#include "control/load/socket_transport.h"
#include "control/load/target.h"
#include "control/load/worker.h"

namespace lumos {

struct LoadSpec {
  Target target;
  LoadRequest request;
  std::optional<ArrivalSpec> arrivals;  // nullopt: closed loop, a user per connection
  ThinkTime think;                      // of the closed loop
  int connections = 64;
  Nanoseconds duration = std::chrono::seconds(10);
  Nanoseconds timeout = std::chrono::seconds(10);  // of a request, from its intended time
  std::uint64_t seed = 1;
  std::size_t sample_limit = 1'000'000;  // raw samples kept, 32 bytes each
  bool real_time = true;                 // in an open loop, on a core of its own, where the machine allows it
};

/// What the generator had to itself.
struct Pacing {
  std::optional<int> core;  // it was bound to
  bool real_time = false;   // and there it ran before everybody else
  std::string why_not;      // when it should have and did not
};

struct LoadResult {
  LoadSpec spec;
  Pacing pacing;
  Collector collected;
  Nanoseconds window{0};        // as asked, or until it was interrupted
  Nanoseconds wall{0};          // until the last request had ended
  Nanoseconds cpu{0}, spun{0};  // of the generator's thread; of that, spent waiting actively
  bool interrupted = false;

  /// Mean over the window; nullopt of a closed loop.
  std::optional<double> rate_asked_per_s() const;
  /// Requests sent within the window.
  double rate_reached_per_s() const;
  /// Right answers per second of wall time.
  double throughput_per_s() const;
  /// Of a request that has ended, without active waiting; nullopt of none.
  std::optional<double> cpu_us_per_request() const;
  /// Share of one core that the generator worked, active waiting left out.
  double core_share() const { return static_cast<double>((cpu - spun).count()) / static_cast<double>(wall.count()); }
  /// Of all intended requests, failed ones infinite, in ms: exact while every sample is kept, else as the histogram has
  /// it. nullopt of none.
  std::optional<double> latency_ms(double p) const;
  /// The same of the right answers alone.
  std::optional<double> latency_ok_ms(double p) const;
};

/// Watches a load from outside its thread.
struct LoadHooks {
  std::function<void(const LoadProgress&)> progress = [](const LoadProgress&) {};  // once a second
  std::function<bool()> interrupted = [] { return false; };
};

/// Runs it in the calling thread, whose core and priority it changes: best a thread of its own. Error: kEnvironment,
/// the connections need more descriptors than the process may have.
Expected<LoadResult> run_load(const LoadSpec& spec, const LoadHooks& hooks);

}  // namespace lumos
