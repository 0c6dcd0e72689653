// What lies around the instances of a run, beside what they are made of: servers that they talk to.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "control/backend/launcher.h"
#include "record/plan.h"

namespace lumos {

/// What lies around the instances of a run: servers that they talk to.
class Surroundings {
 public:
  virtual ~Surroundings() = default;  // ends what was started
  /// In the run's own namespaces, before its processes are started; says in `launcher` what instances get of it. Error:
  /// kEnvironment.
  virtual Expected<> start(LauncherConfig& launcher) = 0;
  /// As Backend says.
  virtual Expected<> fill_storage(const Cell& cell) = 0;
  virtual Expected<std::string> look_at_stored(const Cell& cell) = 0;
  /// For the manifest.
  virtual nlohmann::ordered_json describe() const = 0;
};

}  // namespace lumos
