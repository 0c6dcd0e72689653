// manifest.json of a run: everything that somebody needs to judge or repeat it.
#pragma once

#include <nlohmann/json.hpp>

#include "base/subprocess.h"
#include "cli/verb.h"
#include "record/counters.h"
#include "record/plan.h"

namespace lumos {

/// Machine, exact package versions, images, git commit, build type, seed, arguments. `started_utc` is now.
nlohmann::ordered_json make_manifest(CommandRunner& runner, const Places& places, const Plan& plan);

/// What the machine did during the whole run; null for what was not read.
nlohmann::ordered_json to_json(const MachineUse& use);

}  // namespace lumos
