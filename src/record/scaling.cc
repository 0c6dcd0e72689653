#include "record/scaling.h"

#include "record/json.h"

namespace lumos {
namespace {

nlohmann::ordered_json maybe(std::optional<Nanoseconds> time) {
  return time ? nlohmann::ordered_json(time->count()) : nlohmann::ordered_json(nullptr);
}

std::optional<Nanoseconds> maybe_time(const nlohmann::json& json) {
  return json.is_null() ? std::nullopt : std::optional(Nanoseconds(integer(json)));
}

}  // namespace

nlohmann::ordered_json to_json(const Scaling& s) {
  return {{"autoscaler", name_of(s.autoscaler)},
          {"min_scale", s.min_scale},
          {"max_scale", s.max_scale},
          {"initial_scale", s.initial_scale},
          {"container_concurrency", s.container_concurrency},
          {"routing", name_of(s.routing)},
          {"queue_limit", s.queue_limit},
          {"keep_alive_ns", maybe(s.keep_alive)},
          {"timeout_ns", maybe(s.timeout)},
          {"target_utilization_percentage", s.target_utilization_percentage},
          {"stable_window_ns", s.stable_window.count()},
          {"panic_window_percentage", s.panic_window_percentage},
          {"panic_threshold_percentage", s.panic_threshold_percentage},
          {"scale_to_zero_grace_period_ns", s.scale_to_zero_grace_period.count()}};
}

Scaling scaling_from_json(const nlohmann::json& j) {
  return {.autoscaler = parse_name<Autoscaler>(j.at("autoscaler").get<std::string>()).value(),
          .min_scale = integer(j.at("min_scale")),
          .max_scale = integer(j.at("max_scale")),
          .initial_scale = integer(j.at("initial_scale")),
          .container_concurrency = integer(j.at("container_concurrency")),
          .routing = parse_name<Routing>(j.at("routing").get<std::string>()).value(),
          .queue_limit = integer(j.at("queue_limit")),
          .keep_alive = maybe_time(j.at("keep_alive_ns")),
          .timeout = maybe_time(j.at("timeout_ns")),
          .target_utilization_percentage = integer(j.at("target_utilization_percentage")),
          .stable_window = Nanoseconds(integer(j.at("stable_window_ns"))),
          .panic_window_percentage = integer(j.at("panic_window_percentage")),
          .panic_threshold_percentage = integer(j.at("panic_threshold_percentage")),
          .scale_to_zero_grace_period = Nanoseconds(integer(j.at("scale_to_zero_grace_period_ns")))};
}

nlohmann::ordered_json scaling_factors(const Scaling* s) {
  if (s == nullptr) return {{"routing", nullptr}, {"container_concurrency", nullptr}};
  return {{"routing", name_of(s->routing)}, {"container_concurrency", s->container_concurrency}};
}

}  // namespace lumos
