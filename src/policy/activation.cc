#include "policy/activation.h"

#include <algorithm>

namespace lumos {

int covered_by_starting(const DeploymentState& s) {
  if (s.container_concurrency == 0) return s.starting > 0 ? s.waiting : 0;
  return std::min(s.waiting, s.starting * s.container_concurrency);
}

Activation activate(const DeploymentState& s) {
  if (s.waiting == 0) return Activation::kWait;
  if (s.idle > 0) return Activation::kDispatch;
  return covered_by_starting(s) < s.waiting && s.room > 0 ? Activation::kCreate : Activation::kWait;
}

Start classify_start(const Meeting& m) {
  if (m.answers > 0) return Start::kWarm;
  if (m.made_for == m.request) return Start::kCold;
  return m.waited ? Start::kBehind : Start::kFirst;
}

}  // namespace lumos
