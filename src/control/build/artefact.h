// What the build plane makes: of a function artefacts in three kinds and their variants, and an OCI image of each.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "record/variant.h"
#include "record/vocabulary.h"

namespace lumos {

/// Which artefact. `variant` is one of its kind (variant_of).
struct ArtefactId {
  std::string function;
  ArtefactKind kind = ArtefactKind::kNative;
  Variant variant;

  auto operator<=>(const ArtefactId&) const = default;
};

/// "noop-native-debian-slim-baseline".
std::string label_of(const ArtefactId& id);

/// What an image says its instances are started with.
struct ImageProcess {
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // NAME=value
  std::string folder = "/";              // where it runs, absolute
  std::uint32_t uid = 0, gid = 0;
};

struct Artefact {
  ArtefactId id;
  std::filesystem::path folder;
  std::int64_t bytes = 0;               // of the binary or module
  std::string file_digest;              // SHA-256 of it, as it went into the image
  std::string digest;                   // of the image's manifest: sha256:…
  std::int64_t image_bytes = 0;         // of all its blobs, as a registry would serve them
  std::int64_t unique_bytes = 0;        // of these, all but the layer of the base, which every image on it shares
  std::int64_t unpacked_bytes = 0;      // of the files in root(), each hard link once
  double build_seconds = 0;             // from sources to image; for ahead-of-time code with its module
  std::optional<ImageProcess> process;  // of an image that is none of Lumos's making; file_digest is of all its files

  std::string file_name() const { return id.kind == ArtefactKind::kNative ? "function" : "function.wasm"; }
  /// What an instance executes, in the image.
  std::vector<std::string> argv() const { return process ? process->argv : std::vector{"/" + file_name()}; }
  std::filesystem::path file() const { return folder / file_name(); }  // the binary or module
  std::filesystem::path layout() const { return folder / "image"; }    // the image as an OCI layout, tag "latest"
  std::filesystem::path root() const { return folder / "bundle" / "rootfs"; }  // the image unpacked
};

/// nullptr when it is not among them.
const Artefact* find_artefact(const std::vector<Artefact>& artefacts, const ArtefactId& id);

/// What `build` makes unasked, of each function: the default variant of each kind, and the native binary on debian-slim
/// beside them.
std::vector<ArtefactId> default_artefacts(const std::vector<std::string>& functions);

nlohmann::ordered_json to_json(const Artefact& artefact);
/// Reads what to_json wrote into `folder`. Error: kUsage, it is something else.
Expected<Artefact> artefact_from_json(const std::string& text, const std::filesystem::path& folder);

}  // namespace lumos
