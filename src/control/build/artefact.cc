#include "control/build/artefact.h"

namespace lumos {

const Artefact* find_artefact(const std::vector<Artefact>& artefacts, const std::string& function, ArtefactKind kind) {
  for (const auto& a : artefacts) {
    if (a.function == function && a.kind == kind) return &a;
  }
  return nullptr;
}

nlohmann::ordered_json to_json(const std::vector<Artefact>& artefacts) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& a : artefacts) {
    list.push_back({{"function", a.function},
                    {"kind", name_of(a.kind)},
                    {"file", a.file.string()},
                    {"bytes", a.bytes},
                    {"file_digest", a.file_digest},
                    {"layout", a.layout.string()},
                    {"root", a.root.string()},
                    {"digest", a.digest},
                    {"image_bytes", a.image_bytes}});
  }
  return {{"schema", 1}, {"artefacts", list}};
}

Expected<std::vector<Artefact>> artefacts_from_json(const std::string& text) {
  try {
    std::vector<Artefact> artefacts;
    const auto whole = nlohmann::json::parse(text);
    for (const auto& j : whole.at("artefacts")) {
      artefacts.push_back({.function = j.at("function"),
                           .kind = parse_name<ArtefactKind>(j.at("kind").get<std::string>()).value(),
                           .file = j.at("file").get<std::string>(),
                           .bytes = j.at("bytes"),
                           .file_digest = j.at("file_digest"),
                           .layout = j.at("layout").get<std::string>(),
                           .root = j.at("root").get<std::string>(),
                           .digest = j.at("digest"),
                           .image_bytes = j.at("image_bytes")});
    }
    return artefacts;
  } catch (const std::exception& broken) {
    return fail(ErrorCode::kUsage, "not a list of artefacts: {}", broken.what());
  }
}

}  // namespace lumos
