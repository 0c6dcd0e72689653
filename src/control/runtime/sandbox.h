// `sandbox`: a static binary in the isolation of a container, made by Lumos without an OCI runtime: the floor of a cold
// start.
#pragma once

#include <memory>

#include "control/runtime/driver.h"

namespace lumos {

std::unique_ptr<RuntimeDriver> make_sandbox(const CgroupTree& tree);

}  // namespace lumos
