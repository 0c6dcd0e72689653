// `wasm-aot`: a Wasm module compiled ahead of time by WasmEdge, under crun. WasmEdge may fall back to its interpreter
// unseen: docs/aot-proof.md.
#pragma once

#include <memory>

#include "control/runtime/driver.h"

namespace lumos {

std::unique_ptr<RuntimeDriver> make_wasm_aot(const CgroupTree& tree);

}  // namespace lumos
