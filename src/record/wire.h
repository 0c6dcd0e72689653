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
#include <type_traits>

#include "record/counters.h"
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

// --- conductor → generator and back

struct InvokeOrder {
  std::int64_t sample = 0;
  std::int64_t cell = 0;
};

/// What the generator saw of one invocation.
struct ClientRecord {
  std::int64_t sample = 0;
  Outcome outcome = Outcome::kOk;
  std::int64_t http_status = kAbsent;
  std::int64_t intended = kAbsent, sent = kAbsent, done = kAbsent;
  std::int64_t request_bytes = kAbsent, response_bytes = kAbsent;
  std::int64_t receive = kAbsent, deserialize = kAbsent, fetch = kAbsent, compute = kAbsent, store = kAbsent,
               digest_span = kAbsent, serialize = kAbsent, handle = kAbsent;  // Server-Timing, ns
  std::int64_t invocation = kAbsent;                                          // Lumos-Invocation
  Text<65> instance;                                                          // Lumos-Instance
  Text<65> digest;                                                            // Lumos-Digest
};

// --- conductor → gateway and back

struct RetireOrder {
  std::int64_t deployment = 0;
};

/// First field of every message that the gateway sends to the conductor.
enum class GatewayMessage : std::int64_t { kInvocation, kInstance, kSeries, kRetired };

/// What the gateway saw of one invocation.
struct GatewayRecord {
  GatewayMessage kind = GatewayMessage::kInvocation;
  std::int64_t sample = 0;
  bool failed = false;  // then `outcome` says why the gateway could not get an answer
  Outcome outcome = Outcome::kOk;
  Start start = Start::kWarm;
  std::int64_t instance = kAbsent;    // Instance::id
  std::int64_t dispatches = kAbsent;  // sent to this instance so far, with this one
  std::int64_t idle_gap = kAbsent;
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
  std::int64_t create_begin = kAbsent, create_end = kAbsent, start_begin = kAbsent, start_end = kAbsent;
  std::uint32_t address = 0;  // IPv4, host byte order
  Text<128> cgroup;           // relative path of its control group
  InstanceRecord record;
};

}  // namespace lumos::wire
