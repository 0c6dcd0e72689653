#include "record/link.h"

#include "record/json.h"

namespace lumos {
namespace {

using nlohmann::ordered_json;

ordered_json direction_json(const LinkDirection& d) {
  ordered_json outages = ordered_json::array();
  for (const auto& o : d.outages)
    outages.push_back({{"at_ns", o.at.count()}, {"for_ns", o.lasting.count()}, {"every_ns", o.repeated.count()}});
  return {{"delay_ns", d.delay.count()},
          {"jitter_ns", d.jitter.of.count()},
          {"distribution", name_of(d.jitter.distribution)},
          {"loss", d.loss},
          {"rate_bit_per_s", d.rate_bit_per_s},
          {"queue_bytes", d.queue_bytes},
          {"outages", outages}};
}

LinkDirection direction_from(const nlohmann::json& j) {
  LinkDirection d{.delay = Nanoseconds(integer(j.at("delay_ns"))),
                  .loss = j.at("loss"),
                  .rate_bit_per_s = integer(j.at("rate_bit_per_s")),
                  .queue_bytes = integer(j.at("queue_bytes"))};
  d.jitter.of = Nanoseconds(integer(j.at("jitter_ns")));
  const auto distribution = parse_name<JitterKind>(j.at("distribution").get<std::string>());
  d.jitter.distribution = distribution.value();
  for (const auto& o : j.at("outages")) {
    d.outages.push_back({.at = Nanoseconds(integer(o.at("at_ns"))),
                         .lasting = Nanoseconds(integer(o.at("for_ns"))),
                         .repeated = Nanoseconds(integer(o.at("every_ns")))});
  }
  return d;
}

}  // namespace

ordered_json to_json(const LinkProfile& link) {
  return {{"name", link.name}, {"up", direction_json(link.up)}, {"down", direction_json(link.down)}};
}

Expected<LinkProfile> link_from_json(const nlohmann::json& json) {
  try {
    return LinkProfile{
        .name = json.at("name"), .up = direction_from(json.at("up")), .down = direction_from(json.at("down"))};
  } catch (const std::exception& broken) {
    return fail(ErrorCode::kUsage, "not a link: {}", broken.what());
  }
}

}  // namespace lumos
