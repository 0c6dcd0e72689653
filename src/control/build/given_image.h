// Images that a user already has: an OCI layout, checked and unpacked once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"
#include "control/build/artefact.h"

namespace lumos {

/// One entry of an index: what a layout's index.json lists.
struct ManifestEntry {
  std::string digest;        // sha256:…
  std::string tag;           // org.opencontainers.image.ref.name; may be empty
  std::string architecture;  // of its platform; may be empty
  bool is_index = false;     // it lists the manifests of several platforms
};

/// Error: kUsage, the text is no index of the OCI image specification 1.0.
Expected<std::vector<ManifestEntry>> parse_index(std::string_view text);

/// What a manifest and its configuration say.
struct ManifestContent {
  std::string config;      // digest
  std::int64_t bytes = 0;  // of configuration and layers, compressed
  std::int64_t layers = 0;
};
Expected<ManifestContent> parse_manifest(std::string_view text);

/// What an instance is started with, from the config.json that umoci makes of an image. Error: kUsage.
Expected<ImageProcess> parse_process(std::string_view text);

/// Unpacks one image of a layout, or finds it unpacked in <home>/artefacts/given/<digest>/. `tag` may be empty when the
/// layout holds one image for this machine's processor. The image is checked by umoci against its digests. Error:
/// kUsage with the layout's name: no layout, no such tag, another processor's; kEnvironment.
Expected<Artefact> unpack_image(CommandRunner& runner, const std::filesystem::path& layout, const std::string& tag,
                                const ArtefactId& id, const std::filesystem::path& home);

}  // namespace lumos
