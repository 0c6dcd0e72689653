// debian-slim: the base that container images may stand on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"
#include "control/build/packages.h"

namespace lumos {

/// An image of one layer, unpacked once for all that stand on it.
struct BaseImage {
  std::filesystem::path folder;
  std::string key;                  // of its packages' versions
  std::string digest;               // of its manifest
  std::int64_t layer_bytes = 0;     // compressed: what every image on it shares
  std::int64_t unpacked_bytes = 0;  // of its files
  double build_seconds = 0;
  std::vector<std::string> packages;  // by name

  std::filesystem::path layout() const { return folder / "image"; }  // OCI layout, tag "latest"
  std::filesystem::path root() const { return folder / "rootfs"; }
};

/// What debian-slim would be made of here. Error: kEnvironment, this is no Debian.
struct BaseRecipe {
  std::vector<std::string> packages;  // the smallest Debian (packages.h)
  std::string key;                    // of their versions
};
Expected<BaseRecipe> debian_slim_recipe(CommandRunner& runner);

/// Makes debian-slim from the files of the packages installed below `system`, or finds it in <home>/artefacts/bases/.
/// As Debian's own slim image it leaves out manuals, documentation but for the copyright notices, and translations.
/// Nothing is downloaded. The caller holds the lock of the build. Error: kEnvironment.
Expected<BaseImage> make_debian_slim(CommandRunner& runner, const BaseRecipe& recipe, const std::filesystem::path& home,
                                     const std::filesystem::path& system = "/");

nlohmann::ordered_json to_json(const BaseImage& base);

}  // namespace lumos
