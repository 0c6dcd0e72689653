#include "control/build/pulled_image.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kNote = "pulled.json";  // written last: makes the folder whole

// What skopeo says of a failure (its own words, those of Go's network packages, the registry's error codes), and what
// is to be done.
struct Sign {
  const char *text, *advice;
};
constexpr const char* kNone = "the registry holds no such image: compare name and tag with what was pushed";
constexpr const char* kUnreachable = "the registry cannot be reached: is it running, and is there a network?";
constexpr const char* kSecret =
    "the registry wants credentials: put them where skopeo finds them (REGISTRY_AUTH_FILE, ~/.docker/config.json)";
constexpr Sign kSigns[] = {
    {"manifest unknown", kNone},
    {"name unknown", kNone},
    {"server gave HTTP response to HTTPS client", "the registry has no TLS, which is taken on this machine alone"},
    {"x509:", "the registry's certificate is not trusted: add its authority to /etc/ssl/certs"},
    {"no image found in image index", "the registry holds it for other processors than this machine's"},
    {"authentication required", kSecret},
    {"unauthorized", kSecret},
    {"access to the resource is denied", kSecret},
    {"connection refused", kUnreachable},
    {"no such host", kUnreachable},
    {"network is unreachable", kUnreachable},
    {"no route to host", kUnreachable},
    {"i/o timeout", kUnreachable},
    {"handshake timeout", kUnreachable},
    {"Temporary failure in name resolution", kUnreachable},
    {"server misbehaving", kUnreachable},
    {"deadline exceeded", kUnreachable},
    {"no space left on device", "free some space, or set LUMOS_HOME to a larger disk"},
};

// The message of the last line: time="…" level=fatal msg="…".
std::string message_of(const std::string& errors) {
  std::string line = errors.substr(0, errors.find_last_not_of(" \n") + 1);
  line.erase(0, line.rfind('\n') + 1);
  constexpr std::string_view kBegin = "msg=\"";
  const std::size_t at = line.find(kBegin);
  if (at == std::string::npos || !line.ends_with('"')) return line;
  line = line.substr(at + kBegin.size(), line.size() - at - kBegin.size() - 1);
  std::string plain;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) ++i;
    plain += line[i];
  }
  return plain;
}

std::unexpected<Error> refused(const CommandResult& result) {
  const std::string message = message_of(result.errors);
  for (const auto& [text, advice] : kSigns) {
    if (message.contains(text)) return fail(ErrorCode::kEnvironment, "{} ({})", advice, message);
  }
  return fail(ErrorCode::kEnvironment, "skopeo ended with {}: {}", result.exit_code, message);
}

Expected<std::string> skopeo(CommandRunner& runner, const std::vector<std::string>& words) {
  std::vector<std::string> argv{"skopeo"};
  argv.insert(argv.end(), words.begin(), words.end());
  CommandResult result = LUMOS_TRY(runner.run({.argv = std::move(argv)}));
  if (result.exit_code != 0) return refused(result);
  return std::move(result.output);
}

std::string tls_of(const ImageReference& reference) { return reference.is_local() ? "false" : "true"; }

// A digest is the SHA-256 of a manifest's bytes.
Expected<std::string> digest_now(CommandRunner& runner, const ImageReference& reference) {
  const std::string manifest =
      LUMOS_TRY(skopeo(runner, {"--command-timeout", "60s", "inspect", "--raw", "--tls-verify=" + tls_of(reference),
                                "docker://" + reference.text()}));
  if (!json::accept(manifest)) return fail(ErrorCode::kEnvironment, "the registry answers something else than images");
  return "sha256:" + sha256(manifest);
}

fs::path folder_of(const std::string& digest, const fs::path& home) {
  return home / "images" / digest.substr(digest.find(':') + 1);
}

bool is_there(const std::string& digest, const fs::path& home) {
  std::error_code error;
  return fs::exists(folder_of(digest, home) / kNote, error);
}

// The digest that the name was pulled as last; "" when it never was.
std::string earlier_digest(const ImageReference& reference, const fs::path& home) {
  std::error_code error;
  std::pair<fs::file_time_type, std::string> newest{fs::file_time_type::min(), ""};
  for (const auto& folder : fs::directory_iterator(home / "images", error)) {
    const auto text = read_file(folder.path() / kNote, 1 << 16);
    const json note = text ? json::parse(*text, nullptr, false) : json();
    if (!note.is_object() || note.value("reference", json()) != reference.text() || !note.contains("digest") ||
        !note["digest"].is_string())
      continue;
    newest = std::max(newest, {fs::last_write_time(folder.path() / kNote, error), note["digest"]});
  }
  return newest.second;
}

Expected<> pull(CommandRunner& runner, const ImageReference& asked, const std::string& digest, const fs::path& home) {
  const fs::path folder = folder_of(digest, home);
  const ImageReference exact{.registry = asked.registry, .name = asked.name, .tag = {}, .digest = digest};
  std::error_code error;
  fs::remove_all(folder, error);  // half made: a pull was killed
  fs::create_directories(folder, error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  const auto copied =
      skopeo(runner, {"--command-timeout", "60m", "copy", "--quiet", "--src-tls-verify=" + tls_of(asked),
                      "docker://" + exact.text(), "oci:" + (folder / "image").string() + ":latest"});
  if (!copied) {
    fs::remove_all(folder, error);
    return std::unexpected(copied.error());
  }
  const json note{{"schema", 1}, {"reference", asked.text()}, {"digest", digest}};
  return write_file(folder / kNote, note.dump(2) + "\n");
}

Expected<PulledImage> find_or_pull(CommandRunner& runner, const ImageReference& reference, const fs::path& home) {
  std::string digest = reference.digest;
  if (digest.empty()) digest = LUMOS_TRY(digest_now(runner, reference));
  const Fd lock = LUMOS_TRY(lock_file(home / "images" / ".lock"));
  if (!is_there(digest, home)) LUMOS_TRY(pull(runner, reference, digest, home));
  return PulledImage{.layout = folder_of(digest, home) / "image", .digest = digest};
}

}  // namespace

Expected<PulledImage> pull_image(CommandRunner& runner, const ImageReference& reference, const fs::path& home) {
  auto image = find_or_pull(runner, reference, home);
  if (image) return image;
  const std::string earlier = reference.digest.empty() ? earlier_digest(reference, home) : "";
  const std::string way_out = earlier.empty()
                                  ? ""
                                  : std::format("; pulled before and still here, no network needed: {}/{}@{}",
                                                reference.registry, reference.name, earlier);
  return fail(image.error().code, "image {}: {}{}", reference.text(), image.error().message, way_out);
}

Expected<> pull_images(CommandRunner& runner, Plan& plan, const fs::path& home,
                       const std::function<void(const std::string&)>& progress) {
  for (auto& [function, given] : plan.given) {
    if (given.reference.empty()) continue;
    progress(given.reference);
    ImageReference reference = LUMOS_TRY(parse_image_reference(given.reference));
    if (!given.digest.empty()) reference.tag.clear();
    if (!given.digest.empty()) reference.digest = given.digest;
    PulledImage image = LUMOS_TRY(pull_image(runner, reference, home));
    given.image = std::move(image.layout);
    given.digest = std::move(image.digest);
  }
  return {};
}

}  // namespace lumos
