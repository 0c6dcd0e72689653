// `runc`: an OCI container under the reference runtime, as the paper measured containers.
#pragma once

#include <memory>

#include "control/runtime/driver.h"

namespace lumos {

std::unique_ptr<RuntimeDriver> make_runc(const CgroupTree& tree);

}  // namespace lumos
