// Brings the requests that are due to free connections, and gives up on those that take too long.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <vector>

#include "control/load/collector.h"
#include "control/load/demand.h"
#include "control/load/transport.h"

namespace lumos {

/// How far a load is.
struct LoadProgress {
  Nanoseconds elapsed{0};
  std::uint64_t due = 0, sent = 0, ended = 0, errors = 0;
  std::optional<double> p50_ns, p99_ns;  // of all that have ended; +inf where failures reach
};

struct WorkerConfig {
  int connections = 1;
  Nanoseconds timeout = std::chrono::seconds(10);  // of a request, from its intended time
  std::int64_t begin = 0;                          // of the window, ns: what is due before it counts nowhere
  Nanoseconds window{0};
  bool newest_first = false;  // of idle connections the one used last is taken, not the one idle for longest
  int backlog_points = 0;     // moments within the window at which the backlog is counted
  // Told once each, as soon as the worker sees that it is time.
  std::function<void()> window_begins = [] {}, window_ends = [] {};
  std::function<void(const LoadProgress&)> progress = [](const LoadProgress&) {};  // once a second
  std::function<bool()> interrupted = [] { return false; };
};

/// One load, until every request that was due has ended. A request that finds no connection free waits in line; its
/// latency goes on. One thread.
class Worker {
 public:
  Worker(const WorkerConfig& config, Transport& transport, Demand& demand, Collector& collector);

  /// How long the window was: as configured, or until the interruption.
  Nanoseconds run();

  /// Requests due and not ended, at equal distances in the window, the last at its end. Fewer when it was interrupted.
  const std::vector<std::int64_t>& backlog() const { return backlog_; }

 private:
  using Slots = std::list<int>;  // connections; moved from list to list without a copy

  bool finished() const { return !demand_.next() && line_.empty() && in_flight_.empty(); }
  void take_due();
  void send_waiting();
  void expire(std::int64_t now);
  void complete(const Completion& completion);
  void end(const Due& due, const Completion& completion);
  void watch_window(std::int64_t now);
  void end_window(std::int64_t now);
  std::int64_t wake_time(std::int64_t now) const;
  void report(std::int64_t now);

  const WorkerConfig& config_;
  Transport& transport_;
  Demand& demand_;
  Collector& collector_;
  std::deque<Due> line_;                 // in the order in which they were due
  Slots idle_, in_flight_;               // the longest idle first; in the order of intended times
  std::vector<Slots::iterator> places_;  // by connection
  std::vector<Due> under_way_;           // by connection
  std::vector<std::int64_t> backlog_;
  std::int64_t window_end_, next_report_;
  std::int64_t due_in_window_ = 0, due_before_ = 0;
  bool begun_ = false, over_ = false;  // the window
};

}  // namespace lumos
