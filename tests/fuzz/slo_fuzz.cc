// Any text is a list of objectives with finite bounds that read the same again, or is refused with a usage error.
#include <cmath>

#include "tests/fuzz/target.h"
#include "workload/slo.h"

void run_target(std::string_view text) {
  const auto terms = lumos::parse_slo(text);
  if (!terms) {
    LUMOS_CHECK(terms.error().code == lumos::ErrorCode::kUsage && !terms.error().message.empty());
    return;
  }
  LUMOS_CHECK(!terms->empty());
  for (const auto& term : *terms) {
    LUMOS_CHECK(std::isfinite(term.bound) && term.bound > 0 && term.quantile > 0 && term.quantile < 1);
    const auto again = lumos::parse_slo(term.text);
    LUMOS_CHECK(again && again->size() == 1 && again->front() == term);
  }
}
