// The runtimes that there are. Nothing else knows one by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/runtime/driver.h"

namespace lumos {

/// One driver for each runtime, in the order in which they are shown.
std::vector<std::unique_ptr<RuntimeDriver>> make_runtime_drivers(const CgroupTree& tree);

/// The same without a machine behind it: for validation, help and the fake backend.
std::vector<RuntimeInfo> known_runtimes();

}  // namespace lumos
