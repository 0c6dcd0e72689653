// runs/<utc time>-<name>/: where a run lives.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"

namespace lumos {

/// The files of a run folder (docs/formats/run.md).
struct RunFolder {
  std::filesystem::path path;
  std::filesystem::path store() const { return path / "run.sqlite"; }
  std::filesystem::path manifest() const { return path / "manifest.json"; }
  std::filesystem::path experiment() const { return path / "experiment.yaml"; }
  std::filesystem::path logs() const { return path / "logs"; }
  std::string name() const { return path.filename().string(); }
};

/// Makes `out`, or when that is empty a new folder <runs>/<utc>-<name>; also its logs/. Error: kUsage when `out`
/// already holds a run, kEnvironment when it cannot be made.
Expected<RunFolder> create_run_folder(const std::filesystem::path& runs, const std::filesystem::path& out,
                                      const std::string& name);

/// Finds a run by its path, by its name below `runs`, or the newest one by "latest".
/// Error: kUsage that names what was looked for and where, with the nearest name.
Expected<RunFolder> find_run(const std::filesystem::path& runs, const std::string& run);

Expected<> write_manifest(const RunFolder& run, const nlohmann::ordered_json& manifest);
Expected<nlohmann::ordered_json> read_manifest(const RunFolder& run);

}  // namespace lumos
