// What every verb of the CLI gets and gives. One file per verb; only this folder prints.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
}

namespace lumos {

/// Where things are, from the environment that ./lumos sets.
struct Places {
  std::filesystem::path repository;  // LUMOS_REPO
  std::filesystem::path home;        // LUMOS_HOME
  std::filesystem::path runs;        // LUMOS_RUNS, default <repository>/runs
  std::filesystem::path functions() const { return repository / "functions"; }
  std::filesystem::path profiles() const { return repository / "profiles"; }
  std::vector<std::string> arguments;  // of this call, for the manifest
};

Expected<Places> find_places();

/// How a verb ended: an exit code, or an error that main prints with its next step.
using VerbResult = Expected<int>;

// Each adds its options to `app` and sets `*result` when it was called.
void add_build(CLI::App& app, const Places& places, VerbResult& result);
void add_calibrate(CLI::App& app, const Places& places, VerbResult& result);
void add_capacity(CLI::App& app, const Places& places, VerbResult& result);
void add_demo(CLI::App& app, const Places& places, VerbResult& result);
void add_doctor(CLI::App& app);
void add_functions(CLI::App& app, const Places& places, VerbResult& result);
void add_load(CLI::App& app, VerbResult& result);
void add_results(CLI::App& app, const Places& places, VerbResult& result);
void add_run(CLI::App& app, const Places& places, VerbResult& result);
void add_up(CLI::App& app, const Places& places, VerbResult& result);

}  // namespace lumos
