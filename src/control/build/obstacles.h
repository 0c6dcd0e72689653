// What likely stands in the way of running a program as WebAssembly under WASI preview 1: signs in its sources, its
// dependencies and its binary. A sign is no proof, and none found is no promise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"

namespace lumos {

enum class Topic : std::uint8_t { kLanguage, kThreads, kSockets, kTls, kNative };
enum class Verdict : std::uint8_t { kOk, kUnknown, kBlocker };  // the worse, the later

/// What was found on one topic. Always one of each, in the order of Topic.
struct Obstacle {
  Topic topic = Topic::kLanguage;
  Verdict verdict = Verdict::kUnknown;
  std::string reason;                 // one sentence
  std::vector<std::string> evidence;  // "src/main.rs:12: std::thread", at most kMostEvidence
};

inline constexpr std::size_t kMostEvidence = 4;

std::string_view name_of(Topic topic);
std::string_view name_of(Verdict verdict);

/// Looks at a folder of sources, a binary (ELF) or a module of WebAssembly. Nothing of it is run; links are not
/// followed. Error: kUsage, there is nothing there, or more files than can be looked at.
Expected<std::vector<Obstacle>> obstacles_of(CommandRunner& runner, const std::filesystem::path& path);

/// Looks at an unpacked image: at what `argv` starts in it, and at the files around. Links out of `root` lead nowhere.
Expected<std::vector<Obstacle>> obstacles_of_image(CommandRunner& runner, const std::filesystem::path& root,
                                                   const std::vector<std::string>& argv,
                                                   const std::string& search_path);

}  // namespace lumos
