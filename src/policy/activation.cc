#include "policy/activation.h"

namespace lumos {

Activation activate(const DeploymentState& s) {
  if (s.waiting == 0) return Activation::kWait;
  if (s.idle > 0) return Activation::kDispatch;
  return s.starting < s.waiting && s.room > 0 ? Activation::kCreate : Activation::kWait;
}

Start classify_start(std::int64_t sample, std::optional<std::int64_t> made_for, std::int64_t earlier_dispatches) {
  if (earlier_dispatches > 0) return Start::kWarm;
  if (!made_for) return Start::kFirst;
  return *made_for == sample ? Start::kCold : Start::kBehind;
}

}  // namespace lumos
