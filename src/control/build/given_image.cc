#include "control/build/given_image.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/clock.h"
#include "base/file.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

#if defined(__aarch64__)
constexpr std::string_view kArchitecture = "arm64";
#else
constexpr std::string_view kArchitecture = "amd64";
#endif

constexpr std::size_t kLargestDescription = 4 << 20;

json parsed(std::string_view text) { return json::parse(text, nullptr, false); }

// The text at a path of keys; "" where there is none, or something else.
std::string text_at(const json& value, std::initializer_list<const char*> path) {
  const json* at = &value;
  for (const char* key : path) {
    const auto found = at->is_object() ? at->find(key) : at->end();
    if (!at->is_object() || found == at->end()) return "";
    at = &*found;
  }
  return at->is_string() ? at->get<std::string>() : "";
}

// What a descriptor may be: anything else could name a file outside.
bool is_digest(std::string_view digest) {
  constexpr std::string_view kBegin = "sha256:";
  return digest.starts_with(kBegin) && digest.size() == kBegin.size() + 64 &&
         digest.find_first_not_of("0123456789abcdef", kBegin.size()) == std::string_view::npos;
}

fs::path blob(const fs::path& layout, const std::string& digest) {
  return layout / "blobs" / "sha256" / digest.substr(digest.find(':') + 1);
}

std::string tags_of(const std::vector<ManifestEntry>& entries) {
  std::string text;
  for (const auto& e : entries) text += (text.empty() ? "" : ", ") + (e.tag.empty() ? e.digest : e.tag);
  return text.empty() ? "none" : text;
}

Expected<std::vector<ManifestEntry>> read_index(const fs::path& file) {
  return parse_index(LUMOS_TRY(read_file(file, kLargestDescription)));
}

// The one that is asked for; of several platforms the one for this machine.
Expected<ManifestEntry> pick(const fs::path& layout, const std::string& tag) {
  auto entries = LUMOS_TRY(read_index(layout / "index.json"));
  const auto all = entries;
  if (!tag.empty()) std::erase_if(entries, [&](const ManifestEntry& e) { return e.tag != tag; });
  for (int depth = 0; entries.size() == 1 && entries[0].is_index && depth < 3; ++depth)
    entries = LUMOS_TRY(read_index(blob(layout, entries[0].digest)));
  if (entries.size() > 1)
    std::erase_if(entries,
                  [](const ManifestEntry& e) { return !e.architecture.empty() && e.architecture != kArchitecture; });
  if (entries.size() == 1 && !entries[0].is_index) return entries[0];
  if (!entries.empty())
    return fail(ErrorCode::kUsage, "holds several images: name one, as in oci:DIR:TAG; tags: {}", tags_of(all));
  return fail(ErrorCode::kUsage, "holds no image{} for {}; it holds: {}", tag.empty() ? "" : " '" + tag + "'",
              kArchitecture, tags_of(all));
}

// A layout of this one image: umoci finds images by tags, which the user's may lack.
Expected<> stage(const fs::path& layout, const ManifestEntry& entry, const fs::path& folder) {
  std::error_code error;
  const std::string manifest = LUMOS_TRY(read_file(blob(layout, entry.digest), kLargestDescription));
  fs::create_directories(folder / "image", error);
  if (!error) fs::create_directory_symlink(fs::absolute(layout) / "blobs", folder / "image" / "blobs", error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  LUMOS_TRY(write_file(folder / "image" / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
  const json index{{"schemaVersion", 2},
                   {"manifests",
                    {{{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                      {"digest", entry.digest},
                      {"size", manifest.size()},
                      {"annotations", {{"org.opencontainers.image.ref.name", "latest"}}}}}}};
  return write_file(folder / "image" / "index.json", index.dump());
}

Expected<> check_platform(const fs::path& layout, const ManifestContent& content) {
  const json config = parsed(LUMOS_TRY(read_file(blob(layout, content.config), kLargestDescription)));
  const std::string architecture = text_at(config, {"architecture"});
  if (architecture.empty() || architecture == kArchitecture) return {};
  return fail(ErrorCode::kUsage, "is an image for {}, this machine is {}", architecture, kArchitecture);
}

Expected<Artefact> unpack(CommandRunner& runner, const fs::path& layout, const ManifestEntry& entry,
                          const ArtefactId& id, const fs::path& folder) {
  const std::int64_t begin = monotonic_ns();
  std::error_code error;
  fs::remove_all(folder, error);  // half made: a build was killed
  const std::string text = LUMOS_TRY(read_file(blob(layout, entry.digest), kLargestDescription));
  const ManifestContent content = LUMOS_TRY(parse_manifest(text));
  LUMOS_TRY(check_platform(layout, content));
  Artefact a{.id = id, .folder = folder, .digest = entry.digest};
  LUMOS_TRY(stage(layout, entry, folder));
  LUMOS_TRY(run_checked(runner, {.argv = {"umoci", "unpack", "--image", (folder / "image").string() + ":latest",
                                          (folder / "bundle").string()}}));
  const std::string config = LUMOS_TRY(read_file(folder / "bundle" / "config.json", kLargestDescription));
  a.process = LUMOS_TRY(parse_process(config));
  a.image_bytes = a.unique_bytes = content.bytes + static_cast<std::int64_t>(text.size());
  a.unpacked_bytes = bytes_below(a.root());
  a.file_digest = sha256_of_tree(a.root()).value_or("");
  a.build_seconds = static_cast<double>(monotonic_ns() - begin) / 1e9;
  LUMOS_TRY(write_file(folder / "artefact.json", to_json(a).dump(2) + "\n"));  // last: makes the folder whole
  return a;
}

Expected<Artefact> find_or_unpack(CommandRunner& runner, const fs::path& layout, const std::string& tag,
                                  const ArtefactId& id, const fs::path& home) {
  const ManifestEntry entry = LUMOS_TRY(pick(layout, tag));
  const fs::path all = home / "artefacts" / "given", folder = all / entry.digest.substr(7, 16);
  const Fd lock = LUMOS_TRY(lock_file(all / ".lock"));
  std::error_code error;
  if (!fs::exists(folder / "artefact.json", error)) return unpack(runner, layout, entry, id, folder);
  if (!fs::exists(blob(folder / "image", entry.digest), error)) {  // its blobs are a layout's that is gone
    fs::remove_all(folder / "image", error);
    LUMOS_TRY(stage(layout, entry, folder));
  }
  const std::string text = LUMOS_TRY(read_file(folder / "artefact.json"));
  Artefact a = LUMOS_TRY(artefact_from_json(text, folder));
  a.id = id;
  return a;
}

}  // namespace

Expected<std::vector<ManifestEntry>> parse_index(std::string_view text) {
  const json index = parsed(text);
  const auto broken = [] { return fail(ErrorCode::kUsage, "is no index of an OCI image layout"); };
  if (!index.is_object() || !index.contains("manifests") || !index["manifests"].is_array()) return broken();
  std::vector<ManifestEntry> entries;
  for (const auto& m : index["manifests"]) {
    ManifestEntry entry{.digest = text_at(m, {"digest"}),
                        .tag = text_at(m, {"annotations", "org.opencontainers.image.ref.name"}),
                        .architecture = text_at(m, {"platform", "architecture"})};
    if (!is_digest(entry.digest)) return broken();
    const std::string type = text_at(m, {"mediaType"});
    entry.is_index = type.contains("image.index") || type.contains("manifest.list");
    entries.push_back(std::move(entry));
  }
  return entries;
}

Expected<ManifestContent> parse_manifest(std::string_view text) {
  const json manifest = parsed(text);
  const auto broken = [] { return fail(ErrorCode::kUsage, "holds no manifest of an OCI image"); };
  if (!manifest.is_object() || !manifest.contains("config") || !manifest.contains("layers") ||
      !manifest["layers"].is_array() || !manifest["config"].is_object())
    return broken();
  ManifestContent content;
  const auto add = [&](const json& descriptor) {
    const json size = descriptor.is_object() ? descriptor.value("size", json()) : json();
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() > (1ULL << 50)) return false;
    content.bytes += static_cast<std::int64_t>(size.get<std::uint64_t>());
    return content.bytes < (1LL << 51);
  };
  content.config = text_at(manifest, {"config", "digest"});
  if (!is_digest(content.config) || !add(manifest["config"])) return broken();
  for (const auto& layer : manifest["layers"]) {
    if (!add(layer)) return broken();
    ++content.layers;
  }
  return content;
}

Expected<ImageProcess> parse_process(std::string_view text) {
  const json config = parsed(text);
  try {
    const json& process = config.at("process");
    ImageProcess p{.argv = process.at("args").get<std::vector<std::string>>(),
                   .environment = process.value("env", std::vector<std::string>{}),
                   .folder = process.value("cwd", std::string("/")),
                   .uid = process.at("user").value("uid", std::uint32_t{0}),
                   .gid = process.at("user").value("gid", std::uint32_t{0})};
    std::erase_if(p.environment, [](const std::string& entry) { return entry.find('=') == std::string::npos; });
    if (p.argv.empty() || p.argv[0].empty())
      return fail(ErrorCode::kUsage, "says of no program that it is to be started");
    if (!p.folder.starts_with('/')) p.folder = "/";
    return p;
  } catch (const json::exception& error) {
    return fail(ErrorCode::kUsage, "does not say how it is started ({})", error.what());
  }
}

Expected<Artefact> unpack_image(CommandRunner& runner, const fs::path& layout, const std::string& tag,
                                const ArtefactId& id, const fs::path& home) {
  auto artefact = find_or_unpack(runner, layout, tag, id, home);
  if (!artefact) return fail(artefact.error().code, "image {}: {}", layout.string(), artefact.error().message);
  return artefact;
}

}  // namespace lumos
