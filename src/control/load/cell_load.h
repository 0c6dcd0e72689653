// One repetition of a cell's load, run by the generator process against the gateway.
#pragma once

#include <functional>

#include "base/channel.h"
#include "control/load/connection.h"
#include "record/plan.h"

namespace lumos {

struct CellLoadTask {
  const Plan* plan = nullptr;
  std::int64_t cell = 0;
  std::int64_t first_sample = 1;         // Sample::id of the window's first request
  std::int64_t repetition = 0;           // decides the arrivals: the same ones for every cell with the same load
  int port = 0;                          // of the gateway on 127.0.0.1
  std::optional<Endpoint> gateway = {};  // where it is, when it is elsewhere
  std::optional<int> core;               // to which this thread is bound
};

/// Asks what the load asks, before the window (warm-up) and within it, until all of it has ended; then tells the
/// conductor what came of it (wire::LoadMessage). Nothing is sent to the conductor while requests are due but a message
/// a second, which is left out when there is no room for it. A message of the conductor ends the window. Error: the
/// conductor is gone.
Expected<> run_cell_load(const CellLoadTask& task, const Channel& conductor);

}  // namespace lumos
