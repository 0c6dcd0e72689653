// `wasm-interp`: a Wasm module in the interpreter of WasmEdge, under crun.
#pragma once

#include <memory>

#include "control/runtime/driver.h"

namespace lumos {

std::unique_ptr<RuntimeDriver> make_wasm_interp(const CgroupTree& tree);

}  // namespace lumos
