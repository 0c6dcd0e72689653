#include <cmath>
#include <nlohmann/json.hpp>

#include "report/load_report.h"

namespace lumos {
namespace {

using Json = nlohmann::ordered_json;

Json number(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return std::round(*value * 1e6) / 1e6;
}

Json load_of(const LoadSpec& spec) {
  Json load{{"url", spec.target.url}, {"mode", spec.arrivals ? "open" : "closed"}, {"connections", spec.connections}};
  load["arrivals"] = spec.arrivals ? Json(name_of(spec.arrivals->process)) : Json(nullptr);
  load["timeout_ms"] = number(static_cast<double>(spec.timeout.count()) / 1e6);
  load["seed"] = spec.seed;
  return load;
}

// Upper bound in µs and count, by powers of two of the nanosecond.
Json buckets(const Histogram& histogram) {
  Json list = Json::array();
  for (const auto& [bound, count] : histogram.by_power_of_two())
    list.push_back({static_cast<double>(bound) / 1e3, count});
  return list;
}

Json latency_of(const LoadResult& r, std::optional<double> (LoadResult::*quantile)(double) const) {
  Json latency = Json::object();
  for (const auto& [name, p] : {std::pair("p50", 0.5), {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}, {"max", 1.0}})
    latency[name] = number((r.*quantile)(p));
  return latency;
}

Json schedule_error_of(const Histogram& late) {
  const auto us = [](std::optional<double> ns) { return number(ns.transform([](double v) { return v / 1e3; })); };
  return {{"p50", us(late.quantile(0.5))},
          {"p99", us(late.quantile(0.99))},
          {"max", us(late.max())},
          {"histogram", buckets(late)}};
}

Json errors_of(const Collector& collected) {
  Json errors = Json::object();
  for (const Outcome outcome : {Outcome::kTimeout, Outcome::kRefused, Outcome::kReset, Outcome::kBadStatus,
                                Outcome::kMalformed, Outcome::kWrongOutput, Outcome::kNoSocket}) {
    errors[std::string(name_of(outcome))] = collected.count(outcome);
  }
  return errors;
}

Json pacing_of(const LoadResult& r) {
  return {{"core", r.pacing.core ? Json(*r.pacing.core) : Json(nullptr)},
          {"real_time", r.pacing.real_time},
          {"core_share", number(r.core_share())},
          {"active_waiting_ms", number(static_cast<double>(r.spun.count()) / 1e6)}};
}

}  // namespace

std::string load_json(const LoadResult& r, std::span<const Check> checks) {
  Json verdicts = Json::array();
  for (const Check& check : checks)
    verdicts.push_back({{"name", check.name}, {"status", name_of(check.status)}, {"detail", check.detail}});
  const auto& samples = r.collected.samples();
  const Json result{{"schema", 1},
                    {"load", load_of(r.spec)},
                    {"requests", r.collected.requests()},
                    {"ok", r.collected.count(Outcome::kOk)},
                    {"errors", errors_of(r.collected)},
                    {"waited_for_connection", r.collected.waited_for_connection()},
                    {"window_s", number(static_cast<double>(r.window.count()) / 1e9)},
                    {"wall_s", number(static_cast<double>(r.wall.count()) / 1e9)},
                    {"interrupted", r.interrupted},
                    {"rate_asked_per_s", number(r.rate_asked_per_s())},
                    {"rate_reached_per_s", number(r.rate_reached_per_s())},
                    {"throughput_per_s", number(r.throughput_per_s())},
                    {"latency_ms", latency_of(r, &LoadResult::latency_ms)},
                    {"latency_ok_ms", latency_of(r, &LoadResult::latency_ok_ms)},
                    {"schedule_error_us", schedule_error_of(r.collected.schedule_error())},
                    {"cpu_us_per_request", number(r.cpu_us_per_request())},
                    {"pacing", pacing_of(r)},
                    {"samples", {{"kept", samples.items().size()}, {"complete", samples.complete()}}},
                    {"checks", std::move(verdicts)}};
  return result.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace lumos
