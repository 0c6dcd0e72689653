#include "control/load/demand.h"

#include <algorithm>
#include <cmath>

namespace lumos {

void OpenLoop::take() {
  next_ = arrivals_.next().transform([this](std::int64_t time) { return begin_ + time; });
}

ClosedLoop::ClosedLoop(int users, ThinkTime think, std::int64_t begin, Nanoseconds window, RandomStream stream)
    : think_(think), end_(begin + window.count()), stream_(stream) {
  for (int i = 0; i < users; ++i) due_.push(begin);
}

std::optional<std::int64_t> ClosedLoop::next() const { return due_.empty() ? std::nullopt : std::optional(due_.top()); }

void ClosedLoop::ended(std::int64_t done, bool ok) {
  auto pause = static_cast<double>(think_.mean.count());
  if (think_.exponential) pause *= -std::log1p(-stream_.uniform());
  if (!ok) pause = std::max(pause, static_cast<double>(kAfterFailure.count()));
  if (pause < static_cast<double>(end_ - done)) due_.push(done + std::llround(pause));
}

}  // namespace lumos
