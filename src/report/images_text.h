// What a build made, laid out: images, what a node needs for each runtime, and what of an image's size is base and what
// is Wasm.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/build/builder.h"
#include "control/build/node_footprint.h"

namespace lumos {

/// Bytes of one function's images in the default variant of each kind; nullopt: not among what was built.
struct SizesOfFunction {
  std::string function;
  std::optional<std::int64_t> debian_slim, scratch, wasm, aot;  // the first two are native

  bool complete() const { return debian_slim && scratch && wasm && aot; }
};

/// By function.
std::vector<SizesOfFunction> sizes_of(const std::vector<Artefact>& artefacts);

/// Tables and a closing sentence, for people.
std::string images_text(const BuildResult& built, const std::vector<NodeFootprint>& nodes);

/// {"schema":1,"artefacts":[…],"base":…,"nodes":[…],"sizes":[…]}, for programs (docs/images.md).
std::string images_json(const BuildResult& built, const std::vector<NodeFootprint>& nodes);

}  // namespace lumos
