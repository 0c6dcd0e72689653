// What a module of WebAssembly asks of its host: the names in its import section (WebAssembly Core Specification 2.0,
// section 5.5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lumos {

struct WasmImport {
  std::string module, name;  // "wasi_snapshot_preview1", "fd_write"
};

/// Error: kUsage, the bytes are no module, or are cut.
Expected<std::vector<WasmImport>> wasm_imports(std::string_view bytes);

/// Whether it makes a socket to listen on; else it is a command, which reads its input and ends.
bool listens(const std::vector<WasmImport>& imports);

}  // namespace lumos
