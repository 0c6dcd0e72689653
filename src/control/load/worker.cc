#include "control/load/worker.h"

#include <algorithm>

namespace lumos {
namespace {

constexpr std::int64_t kReportEvery = 1'000'000'000;
// A signal that comes just before the wait would else be seen only after it.
constexpr std::int64_t kLongestWait = 100'000'000;

}  // namespace

Worker::Worker(const WorkerConfig& config, Transport& transport, Demand& demand, Collector& collector)
    : config_(config),
      transport_(transport),
      demand_(demand),
      collector_(collector),
      under_way_(static_cast<std::size_t>(config.connections)),
      window_end_(config.begin + config.window.count()),
      next_report_(config.begin + kReportEvery) {
  for (int i = 0; i < config.connections; ++i) places_.push_back(idle_.insert(idle_.end(), i));
  collector_.end_window(config.window.count());
}

Nanoseconds Worker::run() {
  while (!finished()) {
    take_due();
    const std::int64_t now = transport_.now();
    watch_window(now);
    expire(now);
    if (config_.interrupted() && now < window_end_) end_window(now);
    if (now >= next_report_) report(now);
    for (const Completion& completion : transport_.wait(wake_time(now))) complete(completion);
    send_waiting();
  }
  watch_window(std::max(transport_.now(), window_end_));
  return Nanoseconds(window_end_ - config_.begin);
}

// Where nothing happens for a while, several moments are over at once and had the same backlog.
void Worker::watch_window(std::int64_t now) {
  if (!begun_ && now >= config_.begin) {
    begun_ = true;
    config_.window_begins();
  }
  const auto points = static_cast<std::int64_t>(backlog_.size()) + 1;
  for (std::int64_t k = points; k <= config_.backlog_points; ++k) {
    const std::int64_t at = config_.begin + config_.window.count() / config_.backlog_points * k;
    if (now < at || at > window_end_) break;
    backlog_.push_back(static_cast<std::int64_t>(in_flight_.size() + line_.size()));
  }
  if (!over_ && now >= window_end_) {
    over_ = true;
    config_.window_ends();
  }
}

// What is due is sent one by one: the clock is read again for each, since sending the one before took its time.
void Worker::take_due() {
  for (;;) {
    const auto intended = demand_.next();
    const std::int64_t now = transport_.now();
    if (!intended || *intended > now) return;
    demand_.take();
    const bool counts = *intended >= config_.begin;
    if (counts) collector_.due(now - *intended);
    line_.push_back({.number = counts ? due_in_window_++ : --due_before_, .intended = *intended});
    if (counts && idle_.empty()) collector_.waited();
    send_waiting();
  }
}

void Worker::send_waiting() {
  while (!line_.empty() && !idle_.empty()) {
    const auto taken = config_.newest_first ? std::prev(idle_.end()) : idle_.begin();
    const int connection = *taken;
    Due& due = under_way_[static_cast<std::size_t>(connection)];
    due = line_.front();
    line_.pop_front();
    in_flight_.splice(in_flight_.end(), idle_, taken);
    if (const auto ended = transport_.begin(connection, due)) complete(*ended);
  }
}

void Worker::complete(const Completion& completion) {
  const auto connection = static_cast<std::size_t>(completion.connection);
  idle_.splice(idle_.end(), in_flight_, places_[connection]);
  end(under_way_[connection], completion);
}

void Worker::end(const Due& due, const Completion& completion) {
  if (due.number >= 0) {
    LoadSample sample{.intended = due.intended - config_.begin, .done = completion.done - config_.begin};
    if (completion.sent != 0) sample.sent = completion.sent - config_.begin;
    sample.outcome = completion.outcome;
    collector_.ended(sample);
  }
  demand_.ended(completion.done, completion.outcome == Outcome::kOk);
}

void Worker::expire(std::int64_t now) {
  const std::int64_t oldest = now - config_.timeout.count();
  while (!in_flight_.empty() && under_way_[static_cast<std::size_t>(in_flight_.front())].intended <= oldest)
    complete(transport_.give_up(in_flight_.front()));
  while (!line_.empty() && line_.front().intended <= oldest) {
    const Due due = line_.front();
    line_.pop_front();
    transport_.never_sent(due, now);
    end(due, {.outcome = Outcome::kTimeout, .done = now});
  }
}

void Worker::end_window(std::int64_t now) {
  demand_.stop();
  window_end_ = now;
  collector_.end_window(now - config_.begin);
}

std::int64_t Worker::wake_time(std::int64_t now) const {
  std::int64_t time = now + kLongestWait;
  if (const auto next = demand_.next()) time = std::min(time, *next);
  if (!in_flight_.empty())
    time = std::min(time, under_way_[static_cast<std::size_t>(in_flight_.front())].intended + config_.timeout.count());
  if (!line_.empty()) time = std::min(time, line_.front().intended + config_.timeout.count());
  return time;
}

void Worker::report(std::int64_t now) {
  next_report_ += kReportEvery;
  config_.progress({.elapsed = Nanoseconds(now - config_.begin),
                    .due = collector_.requests(),
                    .sent = collector_.sent_in_window(),
                    .ended = collector_.ended(),
                    .errors = collector_.errors(),
                    .p50_ns = collector_.latency().quantile(0.5),
                    .p99_ns = collector_.latency().quantile(0.99)});
}

}  // namespace lumos
