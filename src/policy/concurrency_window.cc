#include "policy/concurrency_window.h"

#include <algorithm>

namespace lumos {
namespace {

constexpr Nanoseconds kSecond = std::chrono::seconds(1);

}  // namespace

void ConcurrencyWindow::set(Nanoseconds now, int requests) {
  if (at_) {
    advance(now);
  } else {
    at_ = now;
  }
  requests_ = requests;
}

// Seconds are those of the clock, so that the first one is short by what had passed of it.
void ConcurrencyWindow::advance(Nanoseconds now) {
  const auto most = static_cast<std::size_t>(longest_ / kSecond);
  // A long silence leaves as many equal seconds as are kept.
  if (now - *at_ > longest_ + 2 * kSecond) {
    seconds_.assign(most, requests_);
    at_ = now - now % kSecond;
    current_ = 0;
  }
  while (*at_ < now) {
    const Nanoseconds second_ends = *at_ - *at_ % kSecond + kSecond, until = std::min(now, second_ends);
    current_ += requests_ * std::chrono::duration<double>(until - *at_).count();
    at_ = until;
    if (until != second_ends) continue;
    seconds_.push_back(current_);
    if (seconds_.size() > most) seconds_.pop_front();
    current_ = 0;
  }
}

std::optional<double> ConcurrencyWindow::mean(Nanoseconds now, Nanoseconds window) {
  if (!at_) return std::nullopt;
  advance(now);
  const std::size_t count = std::min(seconds_.size(), static_cast<std::size_t>(window / kSecond));
  if (count == 0) return std::nullopt;
  double sum = 0;
  for (std::size_t i = seconds_.size() - count; i < seconds_.size(); ++i) sum += seconds_[i];
  return sum / static_cast<double>(count);
}

}  // namespace lumos
