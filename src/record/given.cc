#include "record/given.h"

#include "record/json.h"

namespace lumos {

nlohmann::ordered_json to_json(const Given& g) {
  return {{"image", g.image.string()},    {"tag", g.tag},         {"reference", g.reference}, {"digest", g.digest},
          {"module", g.module.string()},  {"command", g.command}, {"port", g.port},           {"ready", g.ready},
          {"environment", g.environment}, {"method", g.method},   {"target", g.target},       {"headers", g.headers},
          {"status", g.status},           {"varies", g.varies}};
}

Given given_from_json(const nlohmann::json& j) {
  return {.image = j.at("image").get<std::string>(),
          .tag = j.at("tag"),
          .reference = j.value("reference", ""),
          .digest = j.value("digest", ""),
          .module = j.at("module").get<std::string>(),
          .command = j.value("command", false),
          .port = integer<int>(j.at("port")),
          .ready = j.at("ready"),
          .environment = j.at("environment"),
          .method = j.at("method"),
          .target = j.at("target"),
          .headers = j.at("headers"),
          .status = integer<int>(j.at("status")),
          .varies = j.at("varies")};
}

}  // namespace lumos
