// What machine a run was made on, for its manifest.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace lumos {

/// Kernel, processor, cores, memory, control groups, clock source, virtualisation. What cannot be read is null.
/// `root` is where /proc and /sys are looked for (tests).
nlohmann::ordered_json machine_fingerprint(const std::filesystem::path& root = "/");

}  // namespace lumos
