// OCI images, made with umoci: one file as a layer, on nothing or on a base that images share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/subprocess.h"
#include "control/build/base_image.h"

namespace lumos {

struct Image {
  std::string digest;      // of its manifest: sha256:…
  std::int64_t bytes = 0;  // of all its blobs
};

/// Makes <folder>/image (an OCI layout, tag "latest") that holds `file` as `target` and starts it, and
/// <folder>/bundle/rootfs, the same unpacked. `base`: what is below it; nullptr = nothing. `wasm` marks it for runtimes
/// that look. The same file on the same base gives the same digest. Error: kEnvironment.
Expected<Image> make_image(CommandRunner& runner, const std::filesystem::path& folder,
                           const std::filesystem::path& file, const std::string& target, bool wasm,
                           const BaseImage* base = nullptr);

/// Digest and size of an OCI layout with one image. Error: kUsage, not such a layout.
Expected<Image> read_image(const std::filesystem::path& layout);

}  // namespace lumos
