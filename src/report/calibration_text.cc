#include "report/calibration_text.h"

#include <format>

#include "analysis/wording.h"

namespace lumos {
namespace {

std::string percent(double share) { return std::format("{:.{}f} %", share * 100, share < 0.1 ? 1 : 0); }

std::string value_of(const Calibration& c, const char* name) {
  for (const auto& k : c.kernels) {
    if (k.name == name) return std::format("{:.3g} {}", k.value, k.unit);
  }
  return "?";
}

}  // namespace

std::string calibration_text(const Calibration& c) {
  std::string text = std::format("{:<18}{:>10} {:<15}{:>8}{:>15}\n", "", "value", "", "spread", "repeatable to");
  for (const auto& k : c.kernels)
    text += std::format("{:<18}{:>10.3g} {:<15}{:>8}{:>15}\n", k.name, k.value, k.unit, percent(k.spread),
                        percent(k.repeatability));
  const double repeatable = c.repeatability();
  text += std::format("\nCore {}: integer {}, memory {} and {}, dispatch {}; ", c.core, value_of(c, "integer"),
                      value_of(c, "memory_bandwidth"), value_of(c, "memory_latency"), value_of(c, "dispatch"));
  text += repeatable <= kRepeatable ? std::format("its CPU numbers repeat within {}", percent(repeatable))
                                    : std::format("its CPU numbers repeat within {} only, not the {} that they should",
                                                  percent(repeatable), percent(kRepeatable));
  if (c.busy()) {
    text += std::format("; the machine was busy: the hypervisor took {}, other programs used {} of a core",
                        c.steal_share ? percent(*c.steal_share) : "an unknown share",
                        c.other_load_share ? percent(*c.other_load_share) : "an unknown share");
  }
  return text + ".\n";
}

}  // namespace lumos
