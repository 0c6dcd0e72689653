// The files that the cold starts of a deployment read, and the state of the page cache they are found in.
#pragma once

#include <filesystem>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"
#include "control/backend/content_store.h"
#include "control/runtime/runtime_files.h"
#include "record/counters.h"
#include "record/plan.h"

namespace lumos {

/// Of an image that each start pulls: where it goes, and what of it is there before.
struct PulledLayers {
  std::filesystem::path store;
  ImageManifest image;
  std::vector<std::pair<std::string, std::filesystem::path>> kept;  // as empty_store
};

struct StartFiles {
  std::vector<std::filesystem::path> image;  // of the unpacked image, in the lower layer of every instance's overlay
  RuntimeFiles runtime;
  std::optional<PulledLayers> pulled;  // then `image` is not what a start reads
};

/// Every regular file below `root`, which is the unpacked image, and the runtime's. Errors as runtime_files.
Expected<StartFiles> start_files(CommandRunner& runner, const std::filesystem::path& root, const RuntimeInfo& runtime);

/// Brings the files into the states that the cell's factors name, and says what came of it. Nothing of a factor that
/// the cell has not, as a warm one. Takes as long as the disk when files must be read.
CacheUse set_cache(const StartFiles& files, const Cell& cell);

/// For the manifest: how many files are a runtime's own and their bytes, and which it shares with Lumos.
nlohmann::ordered_json to_json(const RuntimeFiles& files);

}  // namespace lumos
