#include "analysis/phases.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <string_view>

#include "stats/quantile.h"

namespace lumos {
namespace {

constexpr double kNsPerMs = 1e6;
constexpr double kResidualShare = 0.02;
constexpr double kResidualFloorNs = 50'000;

/// Values under names. A new name takes its place behind the one that came before it in the sample, so that a part that
/// only some samples have still stands where it happens.
class NamedValues {
 public:
  void begin_sample() { next_ = 0; }

  void add(std::string_view name, double value) {
    auto found = std::ranges::find(values_, name, [](const auto& entry) { return std::string_view(entry.first); });
    if (found == values_.end()) {
      found = values_.emplace(values_.begin() + static_cast<std::ptrdiff_t>(next_), std::string(name),
                              std::vector<double>{});
    }
    found->second.push_back(value);
    next_ = static_cast<std::size_t>(found - values_.begin()) + 1;
  }

  // Over `samples` samples; one without the part counts as 0, so that means of parts add up to the mean of the whole.
  NamedMs means(std::size_t samples) const {
    NamedMs result;
    for (const auto& [name, values] : values_) {
      result.emplace_back(name, std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(samples));
    }
    return result;
  }

  NamedMs medians() && {
    NamedMs result;
    for (auto& [name, values] : values_) result.emplace_back(name, *quantile(std::move(values), 0.5));
    return result;
  }

 private:
  std::vector<std::pair<std::string, std::vector<double>>> values_;
  std::size_t next_ = 0;
};

void add_spans(NamedValues& values, const Spans& spans) {
  values.begin_sample();
  const std::array<std::pair<const char*, std::optional<std::int64_t>>, 9> all{{{"receive", spans.receive},
                                                                                {"deserialize", spans.deserialize},
                                                                                {"fetch", spans.fetch},
                                                                                {"compute", spans.compute},
                                                                                {"digest", spans.digest},
                                                                                {"store", spans.store},
                                                                                {"serialize", spans.serialize},
                                                                                {"handle", spans.handle},
                                                                                {"cpu", spans.cpu}}};
  for (const auto& [name, duration] : all) {
    if (duration) values.add(name, static_cast<double>(*duration) / kNsPerMs);
  }
}

}  // namespace

PhaseSummary phases_of_cell(const CellRecords& records) {
  PhaseSummary result;
  NamedValues phases, spans;
  std::vector<double> residuals_ms, shares;
  double residual_sum_ms = 0, latency_sum_ms = 0;
  for (const Sample* sample : records.measured()) {
    if (sample->outcome != Outcome::kOk) continue;
    add_spans(spans, sample->spans);
    const auto breakdown = phases_of(*sample);
    if (!breakdown) {
      ++result.unstamped;
      continue;
    }
    phases.begin_sample();
    bool impossible = static_cast<double>(breakdown->residual_ns) < -kResidualFloorNs;
    for (const auto& [name, ns] : breakdown->parts) {
      phases.add(name, static_cast<double>(ns) / kNsPerMs);
      impossible |= static_cast<double>(ns) < -kResidualFloorNs;
    }
    result.impossible += impossible ? 1 : 0;
    const auto residual_ns = static_cast<double>(std::abs(breakdown->residual_ns));
    const auto latency_ns = static_cast<double>(*sample->latency_ns());
    residuals_ms.push_back(residual_ns / kNsPerMs);
    residual_sum_ms += static_cast<double>(breakdown->residual_ns) / kNsPerMs;
    latency_sum_ms += latency_ns / kNsPerMs;
    shares.push_back(residual_ns / std::max(kResidualFloorNs, kResidualShare * latency_ns));
  }
  if (const auto samples = residuals_ms.size(); samples > 0) {
    result.mean_phases = phases.means(samples);
    result.mean_residual_ms = residual_sum_ms / static_cast<double>(samples);
    result.mean_latency_ms = latency_sum_ms / static_cast<double>(samples);
  }
  result.phases = std::move(phases).medians();
  result.spans = std::move(spans).medians();
  result.residual_p50_ms = quantile(residuals_ms, 0.5);
  result.residual_p99_ms = quantile(residuals_ms, 0.99);
  result.residual_share_p99 = quantile(std::move(shares), 0.99);
  return result;
}

}  // namespace lumos
