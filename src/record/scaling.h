// How many instances a deployment has and how requests reach them, and what an autoscaler decided. Names are Knative's
// (docs/scaling.md).
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "record/vocabulary.h"

namespace lumos {

/// Who decides how many instances there are.
enum class Autoscaler : std::uint8_t {
  kOnDemand,  // each waiting request that no instance is being made for has one made
  kKpa,       // Knative's pod autoscaler, on concurrency
};

/// Which instance gets a request.
enum class Routing : std::uint8_t {
  kMostRecentlyUsed,  // keeps few instances warm, and lets the others go idle
  kLeastLoaded,       // spreads
  kTwoRandomChoices,  // the less loaded of two drawn at random: nearly as even, without looking at all of them
};

/// Why the desired scale is what it is: the last rule that moved it.
enum class ScaleReason : std::uint8_t {
  kNoData,      // nothing was observed: as it is
  kStable,      // concurrency over the stable window
  kPanic,       // over the panic window, or kept from falling by an ongoing panic
  kRateLimit,   // max_scale_up_rate or max_scale_down_rate
  kActivation,  // activation_scale, or a request that met no instance
  kDelay,       // scale_down_delay
  kInitial,     // initial_scale
  kMinScale,
  kMaxScale,
  kLastInstance,  // zero is wanted, and the last one is not let go yet
};

template <>
struct Names<Autoscaler> {
  static constexpr std::array<std::pair<Autoscaler, std::string_view>, 2> kTable{
      {{Autoscaler::kOnDemand, "on_demand"}, {Autoscaler::kKpa, "kpa"}}};
};

template <>
struct Names<Routing> {
  static constexpr std::array<std::pair<Routing, std::string_view>, 3> kTable{
      {{Routing::kMostRecentlyUsed, "most-recently-used"},
       {Routing::kLeastLoaded, "least-loaded"},
       {Routing::kTwoRandomChoices, "two-random-choices"}}};
};

template <>
struct Names<ScaleReason> {
  static constexpr std::array<std::pair<ScaleReason, std::string_view>, 10> kTable{
      {{ScaleReason::kNoData, "no_data"},
       {ScaleReason::kStable, "stable"},
       {ScaleReason::kPanic, "panic"},
       {ScaleReason::kRateLimit, "rate_limit"},
       {ScaleReason::kActivation, "activation_scale"},
       {ScaleReason::kDelay, "scale_down_delay"},
       {ScaleReason::kInitial, "initial_scale"},
       {ScaleReason::kMinScale, "min_scale"},
       {ScaleReason::kMaxScale, "max_scale"},
       {ScaleReason::kLastInstance, "last_instance"}}};
};

/// The scaling of one deployment. By default one request at a time in an instance, one made for each that waits, and
/// none ended before its deployment is retired. A fixed scale of n: min_scale = max_scale = n.
struct Scaling {
  Autoscaler autoscaler = Autoscaler::kOnDemand;
  std::int64_t min_scale = 0;
  std::int64_t max_scale = 0;              // 0: as many as the machine has room for
  std::int64_t initial_scale = 1;          // made ahead of demand when the deployment is prepared, if above min_scale
  std::int64_t container_concurrency = 1;  // requests at a time in one instance; 0: as many as come
  Routing routing = Routing::kMostRecentlyUsed;
  std::int64_t queue_limit = 0;           // requests waiting for an instance; those beyond get a 503. 0: no limit
  std::optional<Nanoseconds> keep_alive;  // idle instances above min_scale are ended after it; nullopt: on demand
                                          // never, kpa as soon as it wants fewer
  std::optional<Nanoseconds> timeout;     // of a request, from its arrival to its answer; nullopt: the plan's

  // Of kpa alone.
  std::int64_t target_utilization_percentage = 70;
  Nanoseconds stable_window = std::chrono::seconds(60);
  std::int64_t panic_window_percentage = 10;
  std::int64_t panic_threshold_percentage = 200;
  Nanoseconds scale_to_zero_grace_period = std::chrono::seconds(30);

  bool operator==(const Scaling&) const = default;
};

/// {"autoscaler":"on_demand","min_scale":0,…}: every member under its name, durations as …_ns.
nlohmann::ordered_json to_json(const Scaling& scaling);
/// What to_json wrote. Throws nlohmann's exceptions, or std::bad_optional_access on an unknown word.
Scaling scaling_from_json(const nlohmann::json& json);

/// {"routing":…,"container_concurrency":…} as factors of a cell; both null where only one request at a time is sent.
nlohmann::ordered_json scaling_factors(const Scaling* scaling);

/// One decision of an autoscaler.
struct ScaleDecision {
  std::int64_t visit = 0;                                       // Visit::id
  std::int64_t deployment = 0;                                  // Deployment::id
  Nanoseconds time{0};                                          // CLOCK_MONOTONIC
  std::optional<double> stable_concurrency, panic_concurrency;  // means over the two windows; nullopt: no data
  int desired = 0;
  int actual = 0;  // ready when it was decided
  bool panicking = false;
  ScaleReason reason = ScaleReason::kStable;
};

}  // namespace lumos
