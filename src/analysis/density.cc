#include "analysis/density.h"

#include <algorithm>
#include <map>
#include <set>

#include "analysis/factors.h"
#include "record/variant.h"
#include "stats/quantile.h"

namespace lumos {
namespace {

using Field = std::optional<std::int64_t> DensityPoint::*;
using Curve = std::vector<std::pair<double, double>>;  // instances, bytes

/// Repetition → points by number of instances.
using Repetitions = std::map<std::int64_t, std::map<std::int64_t, const DensityPoint*>>;

std::optional<double> value_at(const std::map<std::int64_t, const DensityPoint*>& points, std::int64_t instances,
                               Field field) {
  const auto found = points.find(instances);
  if (found == points.end() || !(found->second->*field)) return std::nullopt;
  if (field != &DensityPoint::host_bytes) return static_cast<double>(*(found->second->*field));
  // The machine's memory was in use before: what is asked is what the instances added.
  const auto before = points.find(0);
  if (before == points.end() || !(before->second->*field)) return std::nullopt;
  return static_cast<double>(*(found->second->*field) - *(before->second->*field));
}

struct Line {
  double slope = 0, intercept = 0;
};

std::optional<Line> least_squares(const Curve& curve) {
  const auto n = static_cast<double>(curve.size());
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
  for (const auto& [x, y] : curve) {
    mean_x += x / n;
    mean_y += y / n;
  }
  for (const auto& [x, y] : curve) {
    xx += (x - mean_x) * (x - mean_x);
    xy += (x - mean_x) * (y - mean_y);
  }
  if (xx <= 0) return std::nullopt;
  return Line{.slope = xy / xx, .intercept = mean_y - xy / xx * mean_x};
}

std::optional<MemoryLine> line_of(const Repetitions& repetitions, Field field) {
  std::vector<double> slopes, intercepts;
  for (const auto& [repetition, points] : repetitions) {
    Curve curve;
    for (const auto& [instances, point] : points) {
      const auto bytes = value_at(points, instances, field);
      if (instances > 0 && bytes) curve.emplace_back(static_cast<double>(instances), *bytes);
    }
    if (const auto line = least_squares(curve)) {
      slopes.push_back(line->slope);
      intercepts.push_back(line->intercept);
    }
  }
  if (slopes.empty()) return std::nullopt;
  const auto [least, most] = std::ranges::minmax(slopes);
  return MemoryLine{.bytes_per_instance = *quantile(slopes, 0.5),
                    .least = least,
                    .most = most,
                    .bytes_shared = *quantile(intercepts, 0.5)};
}

std::optional<std::int64_t> median_at(const Repetitions& repetitions, std::int64_t instances, Field field) {
  std::vector<double> values;
  for (const auto& [repetition, points] : repetitions) {
    if (const auto bytes = value_at(points, instances, field)) values.push_back(*bytes);
  }
  return quantile(std::move(values), 0.5).transform([](double v) { return static_cast<std::int64_t>(v); });
}

DensitySummary summary_of(const Deployment& deployment, const Repetitions& repetitions) {
  DensitySummary summary{.factors = {{"function", deployment.function}, {"runtime", deployment.runtime}},
                         .repetitions = repetitions.size()};
  summary.factors.update(factors_of(deployment.variant));
  summary.factors["device"] = deployment.device.name;
  summary.factors.update(factors_of(deployment.environment));
  std::set<std::int64_t> numbers;
  for (const auto& [repetition, points] : repetitions) {
    for (const auto& [instances, point] : points) numbers.insert(instances);
  }
  numbers.erase(0);
  for (const std::int64_t n : numbers) {
    summary.rows.push_back({.instances = n,
                            .pss_bytes = median_at(repetitions, n, &DensityPoint::pss_bytes),
                            .memory_bytes = median_at(repetitions, n, &DensityPoint::memory_bytes),
                            .host_bytes = median_at(repetitions, n, &DensityPoint::host_bytes)});
  }
  summary.pss = line_of(repetitions, &DensityPoint::pss_bytes);
  summary.memory = line_of(repetitions, &DensityPoint::memory_bytes);
  summary.host = line_of(repetitions, &DensityPoint::host_bytes);
  return summary;
}

}  // namespace

std::string DensitySummary::label() const {
  const std::string built = built_otherwise(factors);
  const std::string device = factor_text(factors, "device") == "none" ? "" : shown_factor(factors, "device");
  return factor_text(factors, "function") + " " + factor_text(factors, "runtime") + (built.empty() ? "" : " " + built) +
         (device.empty() ? "" : ", device " + device);
}

std::vector<DensitySummary> density_of(const RunData& run) {
  std::map<std::int64_t, Repetitions> by_deployment;
  for (const auto& point : run.density) by_deployment[point.deployment][point.repetition][point.instances] = &point;
  std::vector<DensitySummary> result;
  for (const auto& deployment : run.plan.deployments) {
    const auto found = by_deployment.find(deployment.id);
    if (found != by_deployment.end()) result.push_back(summary_of(deployment, found->second));
  }
  return result;
}

}  // namespace lumos
