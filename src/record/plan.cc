#include "record/plan.h"

namespace lumos {

nlohmann::ordered_json factors_of(const Environment& environment) {
  const auto or_null = [](const std::optional<std::string>& word) {
    return word ? nlohmann::ordered_json(*word) : nlohmann::ordered_json(nullptr);
  };
  nlohmann::ordered_json factors{{"storage", environment.storage},
                                 {"connection", or_null(environment.connection)},
                                 {"link_registry", or_null(environment.link_registry)},
                                 {"link_storage", or_null(environment.link_storage)}};
  if (environment.pulled) factors["cache"] = name_of(*environment.pulled);
  return factors;
}

Environment environment_from_json(const nlohmann::json& factors) {
  const auto word = [&](const char* key) -> std::optional<std::string> {
    const auto found = factors.find(key);
    return found == factors.end() || found->is_null() ? std::nullopt : std::optional(found->get<std::string>());
  };
  Environment environment{.storage = factors.at("storage"),
                          .connection = word("connection"),
                          .link_storage = word("link_storage"),
                          .link_registry = word("link_registry")};
  if (const auto cache = word("cache")) environment.pulled = parse_name<CacheState>(*cache);
  return environment;
}

}  // namespace lumos
