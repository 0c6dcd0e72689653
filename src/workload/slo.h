// Service-level objectives: what a latency, a throughput or a share of errors must not pass.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lumos {

/// One objective. Quantiles run over all intended requests, failed ones infinite.
struct SloTerm {
  enum class Kind : std::uint8_t { kLatency, kThroughput, kErrors };
  Kind kind = Kind::kLatency;
  double quantile = 0.99;  // of kLatency
  double bound = 0;        // ms, right answers per s, or a share
  std::string text;        // "p99<200ms"

  bool operator==(const SloTerm&) const = default;
};

/// "p99<200ms,error<0.1%": objectives with commas between them, each word at most once: "pNN<TIME" (any quantile above
/// p0 and below p100, such as p50 or p99.9), "throughput>N/s", "error<N%". Error: kUsage that names the part; "cost" is
/// a known word that is refused.
Expected<std::vector<SloTerm>> parse_slo(std::string_view text);

}  // namespace lumos
