#include "control/build/artefact.h"

#include <algorithm>

#include "record/json.h"

namespace lumos {

std::string label_of(const ArtefactId& id) {
  return std::format("{}-{}-{}", id.function, name_of(id.kind), label_of(id.variant));
}

const Artefact* find_artefact(const std::vector<Artefact>& artefacts, const ArtefactId& id) {
  const auto found = std::ranges::find(artefacts, id, &Artefact::id);
  return found == artefacts.end() ? nullptr : &*found;
}

std::vector<ArtefactId> default_artefacts(const std::vector<std::string>& functions) {
  std::vector<ArtefactId> ids;
  for (const auto& function : functions) {
    ids.push_back({function, ArtefactKind::kNative, variant_of(ArtefactKind::kNative, {.base = Base::kDebianSlim})});
    for (const auto kind : {ArtefactKind::kNative, ArtefactKind::kWasm, ArtefactKind::kAot})
      ids.push_back({function, kind, variant_of(kind)});
  }
  return ids;
}

nlohmann::ordered_json to_json(const Artefact& a) {
  nlohmann::ordered_json json{{"function", a.id.function}, {"kind", name_of(a.id.kind)}};
  json.update(factors_of(a.id.variant));
  json.update(nlohmann::ordered_json{{"file", a.file().string()},
                                     {"bytes", a.bytes},
                                     {"file_digest", a.file_digest},
                                     {"layout", a.layout().string()},
                                     {"root", a.root().string()},
                                     {"digest", a.digest},
                                     {"image_bytes", a.image_bytes},
                                     {"unique_bytes", a.unique_bytes},
                                     {"unpacked_bytes", a.unpacked_bytes},
                                     {"build_seconds", a.build_seconds}});
  if (const auto& p = a.process)
    json["process"] = {
        {"argv", p->argv}, {"environment", p->environment}, {"folder", p->folder}, {"uid", p->uid}, {"gid", p->gid}};
  return json;
}

Expected<Artefact> artefact_from_json(const std::string& text, const std::filesystem::path& folder) {
  try {
    const auto j = nlohmann::json::parse(text);
    const ArtefactId id{.function = j.at("function"),
                        .kind = parse_name<ArtefactKind>(j.at("kind").get<std::string>()).value(),
                        .variant = variant_from_json(j)};
    std::optional<ImageProcess> process;
    if (const auto p = j.find("process"); p != j.end())
      process = ImageProcess{.argv = p->at("argv"),
                             .environment = p->at("environment"),
                             .folder = p->at("folder"),
                             .uid = integer<std::uint32_t>(p->at("uid")),
                             .gid = integer<std::uint32_t>(p->at("gid"))};
    return Artefact{.id = id,
                    .folder = folder,
                    .bytes = integer(j.at("bytes")),
                    .file_digest = j.at("file_digest"),
                    .digest = j.at("digest"),
                    .image_bytes = integer(j.at("image_bytes")),
                    .unique_bytes = integer(j.at("unique_bytes")),
                    .unpacked_bytes = integer(j.at("unpacked_bytes")),
                    .build_seconds = j.at("build_seconds"),
                    .process = std::move(process)};
  } catch (const std::exception& broken) {
    return fail(ErrorCode::kUsage, "{}: not an artefact: {}", folder.string(), broken.what());
  }
}

}  // namespace lumos
