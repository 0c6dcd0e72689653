// What a registry says, of any bytes: a manifest is an image whose digests name files and nothing else, or an Error; so
// is the place of an upload, which can stand in a request line.
#include <algorithm>

#include "control/build/registry_client.h"
#include "tests/fuzz/target.h"

void run_target(std::string_view text) {
  if (const auto manifest = lumos::parse_image_manifest(text)) {
    LUMOS_CHECK(manifest->layers.size() <= 127);
    auto blobs = manifest->layers;
    blobs.push_back(manifest->config);
    for (const auto& blob : blobs) {
      LUMOS_CHECK(blob.digest.size() == 71 && blob.digest.starts_with("sha256:"));
      LUMOS_CHECK(blob.digest.find_first_of("/.") == std::string::npos && blob.bytes >= 0);
    }
  } else {
    LUMOS_CHECK(manifest.error().code == lumos::ErrorCode::kUsage);
  }
  if (const auto path = lumos::upload_path(text)) {
    LUMOS_CHECK(path->starts_with("/v2/"));
    LUMOS_CHECK(std::ranges::none_of(*path, [](unsigned char c) { return c <= ' ' || c >= 0x7f; }));
  }
}
