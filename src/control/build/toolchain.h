// The commands that compile functions: which target, which instructions, which paths in the result. Nothing of the
// user's own cargo configuration or environment changes what they make.
#pragma once

#include <filesystem>
#include <string>

#include "base/subprocess.h"
#include "control/build/artefact.h"

namespace lumos {

struct Workspace {
  std::filesystem::path functions;  // the Rust workspace; absolute
  std::filesystem::path home;       // LUMOS_HOME: cargo's registry and targets are below it; absolute
};

/// The processor whose instructions are `isa: baseline`, in LLVM's words, for rustc and WasmEdge alike.
extern const char* const kBaselineProcessor;
/// The same as a list of LLVM's features.
extern const char* const kBaselineFeatures;

/// Which cargo build an artefact comes from: "native-baseline", "native-native", "wasm", "wasm-simd". Variants that
/// differ in base or in ahead-of-time compilation share one.
std::string cargo_build_name(const ArtefactId& id);

/// Compiles one crate: the function, or what functions share ("sdk"). The result does not depend on where workspace and
/// home are.
Command cargo_command(const Workspace& workspace, const ArtefactId& id, const std::string& crate);
/// What it makes of the function.
std::filesystem::path cargo_output(const Workspace& workspace, const ArtefactId& id);

/// C source of a library that, loaded before libLLVM, presents the baseline processor as the host, and says so on
/// standard error. `wasmedge compile --generic-binary` alone does not: it keeps every instruction set of the host
/// (docs/images.md).
std::string baseline_library_source();
/// `library` is the compiled baseline_library_source(); used when the artefact's isa is baseline. All paths are
/// absolute.
Command aot_command(const ArtefactId& id, const std::filesystem::path& library, const std::filesystem::path& module,
                    const std::filesystem::path& output);
/// Whether the library took effect; a loader that cannot load it goes on without.
bool baseline_took_effect(const CommandResult& compiled);

}  // namespace lumos
