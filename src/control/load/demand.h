// When requests are due: what makes a load open or closed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "base/random.h"
#include "workload/arrivals.h"

namespace lumos {

/// Times are CLOCK_MONOTONIC ns. One thread.
class Demand {
 public:
  virtual ~Demand() = default;
  /// When the next request is due; nullopt: none is, unless one that is under way ends.
  virtual std::optional<std::int64_t> next() const = 0;
  /// That one has been taken.
  virtual void take() = 0;
  /// A request has ended.
  virtual void ended(std::int64_t done, bool ok) = 0;
  /// Nothing more is due.
  virtual void stop() = 0;
};

/// Requests come as their process has it, whatever becomes of those before them.
class OpenLoop final : public Demand {
 public:
  OpenLoop(Arrivals arrivals, std::int64_t begin) : arrivals_(std::move(arrivals)), begin_(begin) { take(); }

  std::optional<std::int64_t> next() const override { return next_; }
  void take() override;
  void ended(std::int64_t, bool) override {}
  void stop() override { next_.reset(); }

 private:
  Arrivals arrivals_;
  std::int64_t begin_;
  std::optional<std::int64_t> next_;
};

/// One open loop before the window, another within it.
class WarmedLoop final : public Demand {
 public:
  WarmedLoop(OpenLoop before, OpenLoop within) : before_(std::move(before)), within_(std::move(within)) {}

  std::optional<std::int64_t> next() const override { return before_.next() ? before_.next() : within_.next(); }
  void take() override { before_.next() ? before_.take() : within_.take(); }
  void ended(std::int64_t, bool) override {}
  void stop() override { before_.stop(), within_.stop(); }

 private:
  OpenLoop before_, within_;
};

/// How long a user waits between an answer and the next request.
struct ThinkTime {
  Nanoseconds mean{0};
  bool exponential = false;  // else always the mean
};

/// So many users, each with one request under way or thinking about the next.
class ClosedLoop final : public Demand {
 public:
  /// A user whose request failed waits at least so long: a refusal costs nothing, and would be repeated without end.
  static constexpr Nanoseconds kAfterFailure = std::chrono::milliseconds(10);

  ClosedLoop(int users, ThinkTime think, std::int64_t begin, Nanoseconds window, RandomStream stream);

  std::optional<std::int64_t> next() const override;
  void take() override { due_.pop(); }
  void ended(std::int64_t done, bool ok) override;
  void stop() override { due_ = {}, end_ = 0; }

 private:
  ThinkTime think_;
  std::int64_t end_;
  RandomStream stream_;
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> due_;
};

}  // namespace lumos
