// Fixed-size messages between the processes of a run, over SOCK_SEQPACKET sockets on one machine. Absent numbers are
// kAbsent.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "record/counters.h"
#include "record/scaling.h"
#include "record/vocabulary.h"

namespace lumos::wire {

inline constexpr std::int64_t kAbsent = std::numeric_limits<std::int64_t>::min();

inline std::optional<std::int64_t> optional(std::int64_t value) {
  return value == kAbsent ? std::nullopt : std::optional(value);
}

/// Counters as numbers, in the order of their names.
using InstanceNumbers = std::array<std::int64_t, kInstanceCounters.size()>;

inline InstanceNumbers pack(const InstanceCounters& counters) {
  InstanceNumbers numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = (counters.*kInstanceCounters[i].second).value_or(kAbsent);
  return numbers;
}

inline InstanceCounters unpack(const InstanceNumbers& numbers) {
  InstanceCounters counters;
  for (std::size_t i = 0; i < numbers.size(); ++i) counters.*kInstanceCounters[i].second = optional(numbers[i]);
  return counters;
}

/// A short text; longer ones keep their end, where the reason stands.
template <std::size_t N>
struct Text {
  std::array<char, N> bytes{};

  void operator=(std::string_view text) {
    if (text.size() > N - 1) text.remove_prefix(text.size() - (N - 1));
    bytes.fill(0);
    std::memcpy(bytes.data(), text.data(), text.size());
  }
  std::string str() const { return {bytes.data(), ::strnlen(bytes.data(), N)}; }
};

/// The headers by which the gateway knows which deployment and which sample a request is.
inline constexpr const char* kDeploymentHeader = "Lumos-Deployment";
inline constexpr const char* kSampleHeader = "Lumos-Sample";
/// In the gateway's own answers: the outcome that it answers for.
inline constexpr const char* kOutcomeHeader = "Lumos-Outcome";

// --- conductor → generator and back

struct InvokeOrder {
  std::int64_t sample = 0;  // of a load: of its first request
  std::int64_t cell = 0;
  std::int64_t repetition = kAbsent;  // of a load, which it then is
};

/// What the generator saw of one invocation.
struct ClientRecord {
  std::int64_t sample = 0;
  Outcome outcome = Outcome::kOk;
  std::int64_t http_status = kAbsent;
  std::int64_t intended = kAbsent, sent = kAbsent, done = kAbsent;
  std::int64_t request_bytes = kAbsent, response_bytes = kAbsent;
  std::int64_t receive = kAbsent, deserialize = kAbsent, fetch = kAbsent, compute = kAbsent, store = kAbsent,
               digest_span = kAbsent, serialize = kAbsent, handle = kAbsent, cpu = kAbsent;  // Server-Timing, ns
  std::int64_t invocation = kAbsent;                                                         // Lumos-Invocation
  Text<65> instance;                                                                         // Lumos-Instance
  Text<65> digest;                                                                           // Lumos-Digest
};

/// As `repetition`: ends the window of the load under way.
inline constexpr std::int64_t kEndWindow = -1;

/// First field of every message of the generator about a load. Samples and latencies come when it has ended: nothing of
/// them waits for the conductor while requests are due.
enum class LoadMessage : std::int64_t { kBegins, kStanding, kSample, kLatencies, kEnd };

struct LoadBegins {
  LoadMessage kind = LoadMessage::kBegins;
  std::int64_t begin = 0;  // of the window
};

/// How far it is, once a second.
struct LoadStanding {
  LoadMessage kind = LoadMessage::kStanding;
  std::int64_t elapsed = 0, due = 0, sent = 0, ended = 0, errors = 0;
  std::int64_t p50 = kAbsent, p99 = kAbsent;  // ns; INT64_MAX: infinite
};

struct LoadSampleRecord {
  LoadMessage kind = LoadMessage::kSample;
  ClientRecord client;
};

struct LoadLatencies {
  LoadMessage kind = LoadMessage::kLatencies;
  std::int64_t count = 0;                               // of the pairs, those that are filled
  std::array<std::array<std::int64_t, 2>, 64> pairs{};  // as LoadRecord::latencies
};

inline constexpr int kBacklogPoints = 40;

/// Fields as in LoadRecord (record/load.h).
struct LoadEnd {
  LoadMessage kind = LoadMessage::kEnd;
  std::int64_t requests = 0, sent = 0, waited = 0, kept = 0, window = 0, wall = 0;
  std::int64_t answered = 0;  // by a whole response, those before the window too
  std::array<std::int64_t, 11> outcomes{};
  std::int64_t schedule_error_p50 = kAbsent, schedule_error_p99 = kAbsent, schedule_error_max = kAbsent;
  std::int64_t cpu = 0, spun = 0;
  std::int64_t core_busy_ppm = kAbsent;
  std::int64_t asked_per_1000s = kAbsent;
  bool real_time = false;
  std::int64_t backlog_points = 0;
  std::array<std::int64_t, kBacklogPoints> backlog{};
  Text<256> error;  // empty: none
};
static_assert(Names<Outcome>::kTable.size() == std::tuple_size_v<decltype(LoadEnd::outcomes)>);

// --- conductor → gateway and back

enum class GatewayAction : std::int64_t {
  kPrepare,  // bring max(min_scale, initial_scale) instances up ahead of demand; answered by Prepared
  kRetire,   // end every instance; answered by Retired
};

struct GatewayOrder {
  GatewayAction action = GatewayAction::kRetire;
  std::int64_t deployment = 0;
};

/// First field of every message that the gateway sends to the conductor.
enum class GatewayMessage : std::int64_t { kInvocation, kInstance, kSeries, kRetired, kPrepared, kScale };

/// What the gateway saw of one invocation.
struct GatewayRecord {
  GatewayMessage kind = GatewayMessage::kInvocation;
  std::int64_t sample = 0;
  bool failed = false;  // then `outcome` says why the gateway could not get an answer
  Outcome outcome = Outcome::kOk;
  Start start = Start::kWarm;
  std::int64_t instance = kAbsent;    // Instance::id
  std::int64_t dispatches = kAbsent;  // sent to this instance so far, with this one
  std::int64_t in_flight = kAbsent;   // the most requests that were in the instance with it, itself among them
  std::int64_t idle_gap = kAbsent;
  std::int64_t pull_begin = kAbsent, pull_end = kAbsent, unpack_begin = kAbsent, unpack_end = kAbsent;
  std::int64_t received = kAbsent, create_begin = kAbsent, create_end = kAbsent, start_begin = kAbsent,
               start_end = kAbsent, ready = kAbsent, dispatched = kAbsent, responded = kAbsent;
  std::int64_t cpu_before = kAbsent, cpu_after = kAbsent;
};

struct StepRecord {
  std::int64_t begin = kAbsent, end = kAbsent, cpu = kAbsent;
};

/// What is known of an instance when it has been removed. Also the launcher's answer to the gateway.
struct InstanceRecord {
  GatewayMessage kind = GatewayMessage::kInstance;
  std::int64_t instance = 0;
  std::int64_t cpu_launch = kAbsent, cpu_total = kAbsent, memory_peak = kAbsent, aot_code = kAbsent;
  InstanceNumbers counters = pack({});
  std::array<StepRecord, kSteps> steps;  // by Step
  Text<65> cores_allowed;                // empty: not read
  Text<65> name;
  Text<512> note;
};

/// Ticks of one instance; sent between the order to retire its deployment and `Retired`, while the conductor reads.
struct SeriesRecord {
  struct Point {
    std::int64_t t = 0, cpu_total = kAbsent, memory = kAbsent;
  };
  GatewayMessage kind = GatewayMessage::kSeries;
  std::int64_t instance = 0;
  std::int64_t count = 0;  // of the points, those that are filled
  std::array<Point, 40> points{};
};

struct Retired {
  GatewayMessage kind = GatewayMessage::kRetired;
  std::int64_t deployment = 0;
};

/// All instances asked for are ready, or one of them failed.
struct Prepared {
  GatewayMessage kind = GatewayMessage::kPrepared;
  std::int64_t deployment = 0;
  std::int64_t ready = 0;  // instances
  Text<256> failure;       // empty: none
};

/// One decision of an autoscaler, as it is made.
struct ScaleRecord {
  GatewayMessage kind = GatewayMessage::kScale;
  std::int64_t deployment = 0;
  std::int64_t time = kAbsent;
  double stable_concurrency = std::numeric_limits<double>::quiet_NaN();  // NaN: no data
  double panic_concurrency = std::numeric_limits<double>::quiet_NaN();
  std::int64_t desired = 0, actual = 0;
  ScaleReason reason = ScaleReason::kNoData;
  bool panicking = false;
};

// --- gateway → launcher and back

enum class LaunchAction : std::int64_t { kLaunch, kRemove };

struct LaunchOrder {
  LaunchAction action = LaunchAction::kLaunch;
  std::int64_t instance = 0;
  std::int64_t deployment = 0;
};

enum class LaunchMessage : std::int64_t { kLaunched, kFailed, kEnded, kRemoved };

/// What the launcher tells the gateway. `record` is whole in kRemoved, and says why in kFailed.
struct LaunchEvent {
  LaunchMessage kind = LaunchMessage::kLaunched;
  std::int64_t instance = 0;
  std::int64_t pull_begin = kAbsent, pull_end = kAbsent, unpack_begin = kAbsent, unpack_end = kAbsent;
  std::int64_t create_begin = kAbsent, create_end = kAbsent, start_begin = kAbsent, start_end = kAbsent;
  std::uint32_t address = 0;  // IPv4, host byte order
  Text<128> cgroup;           // relative path of its control group
  InstanceRecord record;
};

}  // namespace lumos::wire
