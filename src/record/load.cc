#include "record/load.h"

#include <format>

#include "record/json.h"

namespace lumos {

std::string label_of(const CellLoad& load) {
  if (!load.open) return std::format("{} user{}", load.concurrency, load.concurrency == 1 ? "" : "s");
  return load.rate.empty() ? load.arrivals : std::format("{}/s {}", load.rate, load.arrivals);
}

nlohmann::ordered_json to_json(const CellLoad& load) {
  nlohmann::ordered_json json{{"load", load.open ? "open" : "closed"},
                              {"duration_ns", load.duration.count()},
                              {"warmup_ns", load.warmup.count()},
                              {"samples", load.samples}};
  if (load.open) {
    json["rate"] = load.rate;
    json["arrivals"] = load.arrivals;
    if (!load.times.empty()) json["times_ns"] = load.times;
  } else {
    json["concurrency"] = load.concurrency;
    json["think_ns"] = load.think.count();
    json["think_exponential"] = load.think_exponential;
  }
  return json;
}

CellLoad load_from_json(const nlohmann::json& json) {
  CellLoad load{.open = json.at("load") == "open",
                .duration = Nanoseconds(integer(json.at("duration_ns"))),
                .warmup = Nanoseconds(integer(json.at("warmup_ns"))),
                .samples = integer(json.at("samples"))};
  if (load.open) {
    load.rate = json.at("rate");
    load.arrivals = json.at("arrivals");
    for (const auto& time : json.value("times_ns", nlohmann::json::array())) load.times.push_back(integer(time));
  } else {
    load.concurrency = integer(json.at("concurrency"));
    load.think = Nanoseconds(integer(json.at("think_ns")));
    load.think_exponential = json.at("think_exponential");
  }
  return load;
}

}  // namespace lumos
