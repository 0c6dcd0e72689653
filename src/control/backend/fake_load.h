// A load played on a server that exists in no time: one at a time, first come first served. Internal to the fake
// backend.
#pragma once

#include <functional>

#include "control/backend/backend.h"

namespace lumos {

/// What a played request takes of the server, ns, and how it ends.
struct FakeService {
  std::int64_t service = 0;
  Outcome outcome = Outcome::kOk;
};

struct FakeLoad {
  LoadRecord record;
  std::vector<Sample> samples;  // intended, received, dispatched, responded, done and `start` alone
};

/// From the load's first moment, `now`, on: warm-up, window, drain. `service` is asked once per request of the window,
/// by its Sample::id; warm-up requests have negative ids.
FakeLoad play_load(const Cell& cell, const Backend::LoadTask& task, std::uint64_t seed, std::int64_t now,
                   const std::function<FakeService(std::int64_t sample)>& service);

}  // namespace lumos
