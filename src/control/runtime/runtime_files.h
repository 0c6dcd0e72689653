// The files of a runtime's own: its program, its engine's library, and the libraries that these need.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/subprocess.h"
#include "control/runtime/driver.h"

namespace lumos {

/// Resolved paths, each once.
struct RuntimeFiles {
  std::vector<std::filesystem::path> own;     // what only starts of the runtime read
  std::vector<std::filesystem::path> shared;  // what Lumos, or a process that started it, has mapped: always in memory
};

/// As the loader of this system finds them. Both empty for a runtime that is Lumos itself. Error: kEnvironment, a
/// library is missing, or the loader cannot be asked.
Expected<RuntimeFiles> runtime_files(CommandRunner& runner, const RuntimeInfo& runtime);

/// The paths in what the loader prints when LD_TRACE_LOADED_OBJECTS is set; "not found" becomes the library's name.
std::vector<std::filesystem::path> parse_loader_trace(std::string_view text);

}  // namespace lumos
