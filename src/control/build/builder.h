// Builds the functions: cargo → native binary and Wasm module → ahead-of-time module → OCI images.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"
#include "control/build/artefact.h"

namespace lumos {

struct BuildRequest {
  std::filesystem::path functions;     // the Rust workspace
  std::filesystem::path home;          // where artefacts are kept: <home>/artefacts/<key>/
  std::vector<std::string> names;      // every function of the workspace
  std::function<void(const std::string& step, int done, int total)> progress;  // may be empty
};

struct BuildResult {
  std::string key;      // of sources and tools
  bool built = false;   // false: everything was there already
  std::vector<Artefact> artefacts;
};

/// Makes all artefacts of all functions, or finds them: they are keyed by the content of the sources and the versions of the tools,
/// made under a lock, and whole when their list is written, last. Error: kEnvironment that quotes the tool.
Expected<BuildResult> build_functions(CommandRunner& runner, const BuildRequest& request);

}  // namespace lumos
