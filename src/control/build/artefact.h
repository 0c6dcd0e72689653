// What the build plane makes: for every function three artefacts, and an OCI image of each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "record/vocabulary.h"

namespace lumos {

struct Artefact {
  std::string function;
  ArtefactKind kind = ArtefactKind::kNative;
  std::filesystem::path file;    // the binary or module
  std::int64_t bytes = 0;        // of the file
  std::string file_digest;       // SHA-256 of it, as it went into the image
  std::filesystem::path layout;  // the image as an OCI layout, tag "latest"
  std::filesystem::path root;    // the image unpacked
  std::string digest;            // of the image's manifest: sha256:…
  std::int64_t image_bytes = 0;  // of all its blobs, as a registry would serve them

  /// What an instance executes, in the image.
  std::vector<std::string> argv() const { return {kind == ArtefactKind::kNative ? "/function" : "/function.wasm"}; }
};

/// The artefact of a function; nullptr when it was not built.
const Artefact* find_artefact(const std::vector<Artefact>& artefacts, const std::string& function, ArtefactKind kind);

nlohmann::ordered_json to_json(const std::vector<Artefact>& artefacts);
/// Error: kUsage, not what to_json wrote.
Expected<std::vector<Artefact>> artefacts_from_json(const std::string& text);

}  // namespace lumos
