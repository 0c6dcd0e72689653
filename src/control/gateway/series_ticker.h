// Reads the living instances' counters on a grid of time, for the time series.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/fd.h"
#include "control/gateway/instances.h"
#include "control/gateway/series_log.h"
#include "http/event_loop.h"

namespace lumos {

/// Ticks while there are instances. Ticks come by a descriptor: a timer of the loop would have to be set for every wait
/// of the loop, on the path of each request. One thread (the loop's).
class SeriesTicker {
 public:
  /// `period` 0: no series.
  SeriesTicker(http::EventLoop& loop, Nanoseconds period, const CgroupTree& cgroups, Instances& instances);
  ~SeriesTicker();
  SeriesTicker(const SeriesTicker&) = delete;
  SeriesTicker& operator=(const SeriesTicker&) = delete;

  /// An instance was ordered.
  void on_created();
  /// An instance has been removed: its record gets the number of ticks that were missed.
  void on_removed(std::size_t deployment, wire::InstanceRecord& record);
  /// Sends the series of the deployment's instances that were removed.
  void send(std::size_t deployment, Peer& conductor);

 private:
  void set_ticks(bool on);
  void tick();

  http::EventLoop& loop_;
  const Nanoseconds period_;
  const CgroupTree& cgroups_;
  Instances& instances_;
  Fd ticks_;  // a timerfd
  std::optional<SeriesLog> log_;
  std::map<std::size_t, std::vector<std::int64_t>> ended_;  // by deployment: what the conductor has not got
  bool ticking_ = false;
};

}  // namespace lumos
