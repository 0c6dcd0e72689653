#include "control/backend/load_join.h"

#include <algorithm>

#include "control/backend/join.h"

namespace lumos {
namespace {

using wire::optional;

LoadRecord to_record(const wire::LoadEnd& e) {
  LoadRecord r{.requests = e.requests, .outcomes = e.outcomes};
  r.sent = e.sent, r.waited = e.waited, r.kept = e.kept;
  r.asked_per_s = optional(e.asked_per_1000s).transform([](std::int64_t n) { return static_cast<double>(n) / 1000; });
  r.window = Nanoseconds(e.window), r.wall = Nanoseconds(e.wall);
  r.schedule_error_p50_ns = optional(e.schedule_error_p50);
  r.schedule_error_p99_ns = optional(e.schedule_error_p99);
  r.schedule_error_max_ns = optional(e.schedule_error_max);
  r.generator_cpu = Nanoseconds(e.cpu), r.generator_spun = Nanoseconds(e.spun);
  r.core_busy_share = optional(e.core_busy_ppm).transform([](std::int64_t n) { return static_cast<double>(n) / 1e6; });
  r.real_time = e.real_time;
  const auto points = std::clamp<std::int64_t>(e.backlog_points, 0, wire::kBacklogPoints);
  r.backlog.assign(e.backlog.begin(), e.backlog.begin() + points);
  return r;
}

}  // namespace

LoadJoin::LoadJoin(const Cell& cell, const Backend::LoadTask& task, std::uint64_t seed)
    : cell_(cell), task_(task), gateway_(static_cast<std::size_t>(cell.load->samples), seed) {}

void LoadJoin::add(const wire::GatewayRecord& record) {
  if (record.sample >= 0 && record.sample < task_.first_sample) return;  // of a request given up long ago
  ++reported_;
  if (record.sample < 0) return;
  if (record.dispatched != wire::kAbsent) ++starts_[static_cast<std::size_t>(record.start)];
  gateway_.add(record.sample, record);
}

void LoadJoin::add(const wire::LoadLatencies& latencies) {
  const auto count = std::clamp<std::int64_t>(latencies.count, 0, std::ssize(latencies.pairs));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto& [ns, times] = latencies.pairs.at(static_cast<std::size_t>(i));
    latencies_.emplace_back(ns, times);
  }
}

Expected<Backend::Load> LoadJoin::result(const std::string& tag, bool keeps_contract) {
  LUMOS_CHECK(end_.has_value());
  if (const std::string error = end_->error.str(); !error.empty()) return fail(ErrorCode::kEnvironment, "{}", error);
  Backend::Load load{.record = to_record(*end_)};
  load.record.starts = starts_;
  load.record.latencies = std::move(latencies_);
  const auto gateway = gateway_.take();
  for (const auto& client : clients_) {
    const auto at = std::ranges::lower_bound(gateway, client.sample, {}, [](const auto& entry) { return entry.first; });
    const bool known = at != gateway.end() && at->first == client.sample;
    const auto record = known ? std::optional(at->second) : std::nullopt;
    const std::string name = known ? std::format("{}-{}", tag, record->instance) : "";
    load.samples.push_back(join_records(cell_, client, record, name, keeps_contract));
  }
  return load;
}

}  // namespace lumos
