// What a node keeps of images: blobs as they were pulled, and layers unpacked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "control/build/registry_client.h"

namespace lumos {

/// Where a deployment's image comes from.
struct PullSource {
  std::uint32_t address = 0;  // IPv4, host byte order
  int port = 0;
  std::string repository;
  std::string digest;           // of the manifest
  std::filesystem::path store;  // the node's
};

/// Which layers of an image a node has.
struct LayersThere {
  std::int64_t layers = 0, there = 0;
};

/// Empties a store, but for the layers that are `kept`: unpacked elsewhere, by digest. Then looks which of the image's
/// layers it has. Error: kEnvironment, it could not be emptied.
Expected<LayersThere> empty_store(const std::filesystem::path& store, const ImageManifest& image,
                                  const std::vector<std::pair<std::string, std::filesystem::path>>& kept);

/// When an image was pulled and unpacked, CLOCK_MONOTONIC ns, and what of it came.
struct Pulled {
  std::int64_t pull_begin = 0, pull_end = 0, unpack_begin = 0, unpack_end = 0;
  std::int64_t bytes = 0;      // of blobs
  Nanoseconds helpers_cpu{0};  // of the programs that unpacked
  std::filesystem::path root;  // the layers, topmost first, as an overlay names its lower ones
};

/// Brings an image into the store: its manifest, its configuration, and those of its layers that are not there, each
/// held against its digest before anything of it is unpacked. One after the other, by `deadline` (CLOCK_MONOTONIC ns).
/// What the unpacking programs say goes to `log`. Error: kEnvironment; a layer that did not come whole leaves nothing
/// that would be taken for it.
Expected<Pulled> pull_image(const PullSource& from, std::int64_t deadline, int log);

}  // namespace lumos
