// How much memory instances take side by side: a launcher of its own brings them to life one by one and keeps them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "control/backend/launcher.h"
#include "record/plan.h"
#include "record/sample.h"

namespace lumos {

/// Makes `config.slots` instances of deployment 0 of the config, asks each once for `input`
/// (as `given` is asked, where it is one), and tells `point` what all
/// that live take together: before the first, and after each. Ends them. For a process in a network namespace and a
/// mount namespace of its own. Error: kEnvironment, an instance could not be made or does not answer.
Expected<> measure_density(const LauncherConfig& config, const Input& input, const Given* given,
                           const std::function<void(const DensityPoint&)>& point);

/// What is in memory that nobody could have without swapping: MemTotal − MemAvailable of /proc/meminfo, bytes.
std::optional<std::int64_t> unavailable_memory(std::string_view meminfo);

}  // namespace lumos
