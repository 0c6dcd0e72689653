// An OCI image of one file, made with umoci.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/subprocess.h"

namespace lumos {

struct Image {
  std::string digest;      // of its manifest: sha256:…
  std::int64_t bytes = 0;  // of all its blobs
};

/// Makes <folder>/image (an OCI layout, tag "latest") that holds `file` as `target` and starts it, and <folder>/bundle/rootfs, the
/// same unpacked. `wasm` marks it for runtimes that look. The same file gives the same digest. Error: kEnvironment.
Expected<Image> make_image(CommandRunner& runner, const std::filesystem::path& folder, const std::filesystem::path& file,
                           const std::string& target, bool wasm);

/// Digest and size of an OCI layout with one image. Error: kUsage, not such a layout.
Expected<Image> read_image(const std::filesystem::path& layout);

}  // namespace lumos
