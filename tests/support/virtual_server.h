// A server on a clock of its own, for tests of a load: every connection is answered when the script says, in no time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "control/load/transport.h"

namespace lumos {

/// Of a request. `after` 0 fails at once, before anything is sent; INT64_MAX never comes.
struct Answer {
  std::int64_t after = 1;
  Outcome outcome = Outcome::kOk;
};

class VirtualServer final : public Transport {
 public:
  using Script = std::function<Answer(std::int64_t now)>;
  explicit VirtualServer(Script script) : script_(std::move(script)) {}

  std::int64_t late = 0;   // how much too late every wait ends
  std::vector<Due> asked;  // as they were sent

  std::int64_t now() const override { return now_; }

  std::optional<Completion> begin(int connection, const Due& due) override {
    asked.push_back(due);
    const Answer answer = script_(now_);
    if (answer.after == 0) return Completion{.connection = connection, .outcome = answer.outcome, .done = now_};
    const std::int64_t at = answer.after == INT64_MAX ? INT64_MAX : now_ + answer.after;
    pending_.insert({at, {connection, answer.outcome, now_, at}});
    return std::nullopt;
  }

  Completion give_up(int connection) override {
    const auto at = std::ranges::find_if(pending_, [&](const auto& p) { return p.second.connection == connection; });
    Completion completion = at->second;
    pending_.erase(at);
    completion.outcome = Outcome::kTimeout;
    completion.done = now_;
    return completion;
  }

  std::span<const Completion> wait(std::int64_t until) override {
    completed_.clear();
    now_ = std::max(now_, (pending_.empty() ? until : std::min(until, pending_.begin()->first)) + late);
    while (!pending_.empty() && pending_.begin()->first <= now_) {
      completed_.push_back(pending_.begin()->second);
      pending_.erase(pending_.begin());
    }
    return completed_;
  }

 private:
  struct ByTime {
    bool operator()(const auto& a, const auto& b) const { return a.first < b.first; }
  };
  Script script_;
  std::int64_t now_ = 0;
  std::multiset<std::pair<std::int64_t, Completion>, ByTime> pending_;
  std::vector<Completion> completed_;
};

}  // namespace lumos
