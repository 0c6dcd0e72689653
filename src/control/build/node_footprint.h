// What a node must have installed before it can run anything on a runtime.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"

namespace lumos {

struct NodeFootprint {
  std::string runtime;
  std::vector<std::pair<std::string, std::int64_t>> packages;  // and the bytes of its files; the largest first

  std::int64_t bytes() const;
};

/// For each runtime (id, Debian packages that it stands on): these packages and all that they depend on, but for what
/// the smallest Debian has already. Bytes are those of the files below `root`, each hard link once. Error:
/// kEnvironment.
Expected<std::vector<NodeFootprint>> node_footprints(
    CommandRunner& runner, const std::vector<std::pair<std::string, std::vector<std::string>>>& runtimes,
    const std::filesystem::path& root = "/");

nlohmann::ordered_json to_json(const std::vector<NodeFootprint>& footprints);

}  // namespace lumos
