// The conductor: takes a plan to its end on a backend and writes down everything that happened.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "control/backend/backend.h"
#include "record/plan.h"
#include "record/store.h"

namespace lumos {

/// Where a run stands, for those who watch.
struct Progress {
  const Cell* cell = nullptr;  // just visited
  std::int64_t cells_done = 0, cells = 0;
  std::int64_t samples = 0, failures = 0;  // measured; of them not ok
  Nanoseconds elapsed{0}, left{0};         // left: an estimate, at most the rest of the budget
  std::optional<LoadStanding> load;        // of a load under way
};

enum class RunEnd { kMeasured, kBudget, kInterrupted };

struct ConductorHooks {
  std::function<void(const Progress&)> progress = [](const Progress&) {};
  std::function<bool()> interrupted = [] { return false; };  // asked between invocations
};

/// The order of the cells in one round: a shuffle that only seed and round decide, so that drift of the machine falls
/// on all alike and a resumed run goes on as an unbroken one would have.
std::vector<std::int64_t> round_order(std::uint64_t seed, std::int64_t round, std::vector<std::int64_t> cells);

/// Visits the cells in rounds until each has been measured enough or the budget is spent. Visits that the store already
/// holds as finished are taken from there; an unfinished one is repeated, and keeps what it had. One thread. Error: the
/// store or the backend broke; everything measured until then is in the store.
Expected<RunEnd> conduct(const Plan& plan, Backend& backend, Store& store, const ConductorHooks& hooks);

}  // namespace lumos
