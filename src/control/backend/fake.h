// `fake`: no instances at all; durations scripted by the seed on a clock of its own, so that everything above the
// backends is tested without root and without waiting.
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "control/backend/backend.h"

namespace lumos {

/// What a fake backend plays.
struct FakeScript {
  bool faults = false;  // every seventh invocation fails, each time in another way
  bool slow = false;    // really waits the durations it reports, for tests of signals and kills
  std::int64_t first_instance = 1;
};

/// "fake", "fake:faults", "fake:slow". Error: kUsage.
Expected<FakeScript> parse_fake_script(const std::string& name);

/// `plan` outlives the backend.
std::unique_ptr<Backend> make_fake_backend(const Plan& plan, FakeScript script);

}  // namespace lumos
