// What one invocation left behind. What did not happen or was not read is nullopt, never 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/counters.h"
#include "record/vocabulary.h"

namespace lumos {

/// CLOCK_MONOTONIC ns of this host, in the order of an invocation's life (docs/metrics.md).
struct Stamps {
  std::optional<std::int64_t> intended, sent, received, pull_begin, pull_end, unpack_begin, unpack_end, create_begin,
      create_end, start_begin, start_end, ready, dispatched, responded, done;
};

/// The function's own durations in ns, from its Server-Timing header. `handle` is its whole time on the request, `cpu`
/// the CPU time of its process meanwhile; all others are wall time.
struct Spans {
  std::optional<std::int64_t> receive, deserialize, fetch, compute, digest, store, serialize, handle, cpu;
};

/// One invocation.
struct Sample {
  std::int64_t id = 0;     // from 1, in the order sent
  std::int64_t visit = 0;  // Visit::id
  Role role = Role::kMeasure;
  Outcome outcome = Outcome::kOk;
  std::optional<int> http_status;
  std::optional<Start> start;               // as the gateway saw it
  std::optional<bool> start_verified;       // instance id and invocation count of the answer agree with it
  std::optional<std::int64_t> instance;     // Instance::id
  std::optional<std::int64_t> invocation;   // the instance's own count, from 1
  std::optional<std::int64_t> idle_gap_ns;  // warm: since the instance's last answer
  Stamps stamps;
  Spans spans;
  std::optional<std::int64_t> cpu_before_ns, cpu_after_ns;  // the instance's cgroup counter around the invocation
  std::optional<std::int64_t> request_bytes, response_bytes;
  std::string digest;  // of the result; empty = none

  /// done − intended.
  std::optional<std::int64_t> latency_ns() const;
};

/// When a step of an instance's creation began and ended, CLOCK_MONOTONIC ns, and what CPU its thread took.
struct StepTime {
  Step step = Step::kBundle;
  std::int64_t begin_ns = 0, end_ns = 0;
  std::optional<std::int64_t> cpu_ns;
};

/// One running copy of a function.
struct Instance {
  std::int64_t id = 0;
  std::int64_t visit = 0;
  Role role = Role::kMeasure;                     // kProbe: made for a probe; of what else its visit has, kMeasure
  std::string name;                               // what the function answers as Lumos-Instance
  std::optional<std::int64_t> cpu_launch_ns;      // OCI runtime and helpers, user + system
  std::optional<std::int64_t> cpu_total_ns;       // its cgroup's counter at its end
  std::optional<std::int64_t> memory_peak_bytes;  // its cgroup's peak
  std::optional<std::int64_t> aot_code_bytes;     // anonymous executable mappings: > 0 proves ahead-of-time code
  std::string note;                               // the last lines it or its runtime wrote, when something was wrong
  InstanceCounters counters;
  std::optional<std::string> cores_allowed;  // by the kernel, at its end: "1-3"
  std::vector<StepTime> steps;               // those that were looked at, in the order of their enum
  /// 100 times a second while it lived. Written by Store::add; Store::instances leaves it empty, Store::series reads
  /// it.
  std::vector<SeriesPoint> series;
};

/// What so many instances of a deployment, living side by side, take of the machine's memory.
struct DensityPoint {
  std::int64_t deployment = 0;
  std::int64_t repetition = 0;               // from 0
  std::int64_t instances = 0;                // living; 0: before the first
  std::optional<std::int64_t> pss_bytes;     // sum over their processes
  std::optional<std::int64_t> memory_bytes;  // sum of what is charged to their control groups
  std::optional<std::int64_t> host_bytes;    // the machine's memory that is not available any more
};

/// One stay at a cell: one instance's life. The replicate of the intervals.
struct Visit {
  std::int64_t id = 0;
  std::int64_t cell = 0;   // Cell::id
  std::int64_t round = 0;  // from 0
  bool finished = false;   // a killed run leaves its last visit unfinished; --resume repeats it
  CacheUse cache;          // before a cold start
  NeighbourUse neighbour;  // nothing where it had none
  MachineUse machine;      // from before the first invocation to after the last; unknown while unfinished
};

/// The parts of a sample's latency in ns, in order; they and the residual sum to the latency.
struct PhaseBreakdown {
  std::vector<std::pair<std::string, std::int64_t>> parts;  // name, duration
  std::int64_t residual_ns = 0;
};

/// nullopt when the sample has no latency. Parts that were not stamped are absent.
std::optional<PhaseBreakdown> phases_of(const Sample& sample);

}  // namespace lumos
