#include "record/plan.h"

namespace lumos {

nlohmann::ordered_json factors_of(const Environment& environment) {
  const auto& connection = environment.connection;
  return {{"storage", environment.storage},
          {"connection", connection ? nlohmann::ordered_json(*connection) : nlohmann::ordered_json(nullptr)}};
}

Environment environment_from_json(const nlohmann::json& factors) {
  Environment environment{.storage = factors.at("storage")};
  if (const auto& connection = factors.at("connection"); !connection.is_null()) environment.connection = connection;
  return environment;
}

}  // namespace lumos
