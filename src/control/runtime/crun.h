// `crun`: an OCI container under crun, which also carries the Wasm runtimes: it separates Wasm from the OCI runtime.
#pragma once

#include <memory>

#include "control/runtime/driver.h"

namespace lumos {

std::unique_ptr<RuntimeDriver> make_crun(const CgroupTree& tree);

}  // namespace lumos
