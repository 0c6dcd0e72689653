// Builds functions: compilers (language.h) → native binary or Wasm module → ahead-of-time module → OCI images.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"
#include "control/build/artefact.h"
#include "control/build/base_image.h"

namespace lumos {

struct BuildRequest {
  std::filesystem::path functions;  // their workspace
  std::filesystem::path home;       // artefacts are kept in <home>/artefacts/<key>/, bases in <home>/artefacts/bases/
  std::vector<ArtefactId> wanted;   // repetitions are fine
  std::function<void(const std::string& step, int done, int total)> progress;  // may be empty
  std::filesystem::path system = "/";                                          // where debian-slim is taken from
  std::map<std::string, std::filesystem::path> modules = {};  // by function: those whose module is there already
};

struct BuildResult {
  std::string key;                  // of sources and tools
  bool built = false;               // false: everything was there already
  std::vector<Artefact> artefacts;  // what was wanted, ordered by function, kind, variant
  std::optional<BaseImage> base;    // when an image stands on debian-slim
};

/// Makes the artefacts that are wanted, or finds them: each is keyed by the content of the sources, the versions of the
/// tools, and what else it depends on (the packages of its base; for `isa: native` the processor), made under a lock,
/// and whole when its description is written, last. Error: kEnvironment that quotes the tool.
Expected<BuildResult> build_functions(CommandRunner& runner, const BuildRequest& request);

}  // namespace lumos
