// What generator and gateway saw of one load, made into its record and its samples.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "control/backend/backend.h"
#include "record/wire.h"
#include "stats/coordinated_sample.h"

namespace lumos {

/// Takes their messages as they come, in bounded memory: of what the gateway saw it keeps the records of those requests
/// that the generator keeps too. One thread.
class LoadJoin {
 public:
  /// `cell` and `task` outlive it.
  LoadJoin(const Cell& cell, const Backend::LoadTask& task, std::uint64_t seed);

  void add(const wire::GatewayRecord& record);
  void add(const wire::ClientRecord& record) { clients_.push_back(record); }
  void add(const wire::LoadLatencies& latencies);
  void add(const wire::LoadEnd& end) { end_ = end; }

  /// Whether the gateway has reported every request that the generator has an answer to. False before the generator's
  /// end.
  bool complete() const { return end_ && reported_ >= end_->answered; }

  /// All of it. `tag` is the run's: first part of instance names. Error: the generator's.
  Expected<Backend::Load> result(const std::string& tag, bool keeps_contract = true);

 private:
  const Cell& cell_;
  const Backend::LoadTask& task_;
  CoordinatedSample<wire::GatewayRecord> gateway_;
  std::vector<wire::ClientRecord> clients_;  // ascending by sample
  std::vector<std::pair<std::int64_t, std::int64_t>> latencies_;
  std::optional<wire::LoadEnd> end_;
  std::int64_t reported_ = 0;
  StartNumbers starts_{};
};

}  // namespace lumos
