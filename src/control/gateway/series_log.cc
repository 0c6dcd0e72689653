#include "control/gateway/series_log.h"

#include <algorithm>

namespace lumos {

void SeriesLog::read(std::int64_t instance, const CgroupCounters& counters, std::int64_t now) {
  const auto cpu = counters.cpu_usage_total_ns(), memory = counters.memory_bytes();
  if (!cpu && !memory) return;
  Series& series = series_[instance];
  const std::int64_t tick = (now - origin_) / period_;
  if (series.last >= 0) series.missed += std::max<std::int64_t>(0, tick - series.last - 1);
  series.last = tick;
  if (held_ == limit_) {
    ++series.missed;
    return;
  }
  series.points.push_back(
      {.t = now, .cpu_total = cpu.value_or(wire::kAbsent), .memory = memory.value_or(wire::kAbsent)});
  ++held_;
}

std::int64_t SeriesLog::missed(std::int64_t instance) const {
  const auto found = series_.find(instance);
  return found == series_.end() ? 0 : found->second.missed;
}

void SeriesLog::take(std::int64_t instance, const std::function<void(const wire::SeriesRecord&)>& to) {
  const auto node = series_.extract(instance);
  if (node.empty()) return;
  const auto& points = node.mapped().points;
  held_ -= points.size();
  for (std::size_t sent = 0; sent < points.size();) {
    wire::SeriesRecord record{.instance = instance};
    const std::size_t count = std::min(points.size() - sent, record.points.size());
    std::copy_n(points.begin() + static_cast<std::ptrdiff_t>(sent), count, record.points.begin());
    record.count = static_cast<std::int64_t>(count);
    to(record);
    sent += count;
  }
}

}  // namespace lumos
