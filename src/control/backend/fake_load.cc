#include "control/backend/fake_load.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>

#include "stats/coordinated_sample.h"
#include "stats/histogram.h"
#include "workload/arrivals.h"

namespace lumos {
namespace {

constexpr std::int64_t kHop = 20'000;  // each way

/// Requests in the order in which they are due, closed or open.
class Dues {
 public:
  Dues(const CellLoad& load, std::int64_t begin, RandomStream stream)
      : load_(load), end_(begin + load.duration.count()) {
    const std::int64_t first = begin - load.warmup.count();
    if (!load.open) {
      for (std::int64_t user = 0; user < load.concurrency; ++user) due_.push(first);
      return;
    }
    for (const std::int64_t time : load.times) due_.push(begin + time);
    if (!load.times.empty()) return;
    const auto spec = parse_arrivals(load.arrivals, load.rate);
    if (!spec) return;  // it was read with the experiment
    Arrivals arrivals(*spec, load.warmup + load.duration, stream);
    while (const auto time = arrivals.next()) due_.push(first + *time);
  }

  std::optional<std::int64_t> next() {
    if (due_.empty() || due_.top() >= end_) return std::nullopt;
    const std::int64_t due = due_.top();
    due_.pop();
    return due;
  }

  void ended(std::int64_t done) {
    if (!load_.open) due_.push(done + load_.think.count());
  }

 private:
  const CellLoad& load_;
  std::int64_t end_;
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> due_;
};

// So many of [intended, done) intervals hold each of the moments.
std::vector<std::int64_t> backlog_of(const std::vector<std::pair<std::int64_t, std::int64_t>>& stays,
                                     std::int64_t begin, std::int64_t window) {
  std::vector<std::int64_t> backlog(40);
  for (std::size_t k = 0; k < backlog.size(); ++k) {
    const std::int64_t at = begin + window / std::ssize(backlog) * static_cast<std::int64_t>(k + 1);
    backlog[k] = std::ranges::count_if(stays, [&](const auto& s) { return s.first < at && s.second > at; });
  }
  return backlog;
}

}  // namespace

FakeLoad play_load(const Cell& cell, const Backend::LoadTask& task, std::uint64_t seed, std::int64_t now,
                   const std::function<FakeService(std::int64_t)>& service) {
  const CellLoad& load = *cell.load;
  const std::int64_t begin = now + load.warmup.count(), window = load.duration.count();
  Dues dues(load, begin, RandomStream(seed, std::format("fake arrivals {}", task.repetition)));
  CoordinatedSample<Sample> kept(static_cast<std::size_t>(load.samples), seed);
  Histogram latency;
  FakeLoad played;
  LoadRecord& r = played.record;
  std::vector<std::pair<std::int64_t, std::int64_t>> stays;
  std::int64_t free = now, next = task.first_sample, before = 0, last = begin + window;
  while (const auto due = dues.next()) {
    const bool counts = *due >= begin;
    const std::int64_t id = counts ? next++ : --before;
    const FakeService asked = service(id);
    const std::int64_t dispatched = std::max(free, *due + kHop), responded = dispatched + asked.service;
    free = responded;
    dues.ended(responded + kHop);
    stays.emplace_back(*due, responded + kHop);
    if (!counts) continue;
    last = std::max(last, responded + kHop);
    ++r.requests, ++r.sent;
    ++r.outcomes[static_cast<std::size_t>(asked.outcome)];
    ++r.starts[static_cast<std::size_t>(Start::kWarm)];
    if (asked.outcome == Outcome::kOk) latency.add(responded + kHop - *due);
    Sample sample{.id = id, .outcome = asked.outcome, .start = Start::kWarm};
    sample.stamps = {.intended = due, .sent = due, .received = *due + kHop};
    sample.stamps.dispatched = dispatched, sample.stamps.responded = responded, sample.stamps.done = responded + kHop;
    kept.add(id, std::move(sample));
  }
  r.kept = static_cast<std::int64_t>(kept.size());
  for (auto& [id, sample] : kept.take()) played.samples.push_back(std::move(sample));
  if (load.open) r.asked_per_s = static_cast<double>(r.requests) / std::chrono::duration<double>(load.duration).count();
  r.window = load.duration, r.wall = Nanoseconds(last - begin);
  r.schedule_error_p50_ns = r.schedule_error_p99_ns = r.schedule_error_max_ns = 0;
  r.real_time = true;
  r.core_busy_share = 0.1;
  r.backlog = backlog_of(stays, begin, window);
  for (const auto& [ns, count] : latency.by_bucket()) r.latencies.emplace_back(ns, static_cast<std::int64_t>(count));
  return played;
}

}  // namespace lumos
