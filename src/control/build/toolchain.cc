#include "control/build/toolchain.h"

#include <format>
#include <vector>

namespace lumos {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWasmTarget = "wasm32-wasip1";
#if defined(__aarch64__)
constexpr const char* kNativeTarget = "aarch64-unknown-linux-gnu";
#else
constexpr const char* kNativeTarget = "x86_64-unknown-linux-gnu";
#endif

constexpr const char* kSaid = "lumos: compiling for the baseline processor";

const char* target_of(const ArtefactId& id) { return id.kind == ArtefactKind::kNative ? kNativeTarget : kWasmTarget; }

fs::path cargo_folder(const Workspace& workspace, const ArtefactId& id) {
  return workspace.home / "build" / "functions" / cargo_build_name(id);
}

std::vector<std::string> rust_flags(const Workspace& workspace, const ArtefactId& id) {
  // Paths that panics name: without these, two checkouts would make two binaries.
  std::vector<std::string> flags{std::format("--remap-path-prefix={}=/cargo", (workspace.home / "cargo").string()),
                                 std::format("--remap-path-prefix={}=/functions", workspace.functions.string())};
  const auto code = [&](const std::string& option) { flags.insert(flags.end(), {"-C", option}); };
  if (id.kind == ArtefactKind::kNative) {
    code("target-feature=+crt-static");
    const bool native = id.variant.isa == Isa::kNative;
    code(std::format("target-cpu={}", native ? "native" : kBaselineProcessor));
    // Crates for these look for instructions when they run, whatever the code was compiled for: the baseline has none.
    for (const char* algorithm : {"aes", "polyval", "sha2"}) {
      if (!native) flags.insert(flags.end(), {"--cfg", std::format("{}_backend=\"soft\"", algorithm)});
    }
  } else {
    code("linker=wasm-ld-19");
    if (id.variant.wasm_simd.value_or(false)) code("target-feature=+simd128");
  }
  return flags;
}

// Cargo's form of a list: the one that takes precedence over every other setting of flags.
std::string encoded(const std::vector<std::string>& flags) {
  std::string text;
  for (const auto& flag : flags) text += (text.empty() ? "" : "\x1f") + flag;
  return text;
}

}  // namespace

// The lowest level at which WasmEdge's ahead-of-time code is right: below it, rounding floats calls functions of a C
// library that nothing resolves, and the module crashes.
#if defined(__aarch64__)
const char* const kBaselineProcessor = "generic";
const char* const kBaselineFeatures = "+v8a,+fp-armv8,+neon";
#else
const char* const kBaselineProcessor = "x86-64-v2";
const char* const kBaselineFeatures = "+cx16,+sahf,+popcnt,+sse3,+ssse3,+sse4.1,+sse4.2";
#endif

std::string cargo_build_name(const ArtefactId& id) {
  if (id.kind == ArtefactKind::kNative)
    return std::format("native-{}", name_of(id.variant.isa.value_or(Isa::kBaseline)));
  return id.variant.wasm_simd.value_or(false) ? "wasm-simd" : "wasm";
}

Command cargo_command(const Workspace& workspace, const ArtefactId& id, const std::string& crate) {
  return {.argv = {"cargo", "build", "--release", "--locked", "--target", target_of(id), "--package", crate},
          .folder = workspace.functions,
          .environment = {"CARGO_TARGET_DIR=" + cargo_folder(workspace, id).string(),
                          "CARGO_HOME=" + (workspace.home / "cargo").string(),
                          "CARGO_ENCODED_RUSTFLAGS=" + encoded(rust_flags(workspace, id))}};
}

fs::path cargo_output(const Workspace& workspace, const ArtefactId& id) {
  const std::string file = id.kind == ArtefactKind::kNative ? id.function : id.function + ".wasm";
  return cargo_folder(workspace, id) / target_of(id) / "release" / file;
}

std::string baseline_library_source() {
  return std::format(R"(#include <string.h>
#include <unistd.h>
static char *answer(const char *text) {{
  static const char said[] = "{}\n";
  return write(2, said, sizeof said - 1) > 0 ? strdup(text) : 0;
}}
char *LLVMGetHostCPUName(void) {{ return answer("{}"); }}
char *LLVMGetHostCPUFeatures(void) {{ return answer("{}"); }}
)",
                     kSaid, kBaselineProcessor, kBaselineFeatures);
}

Command aot_command(const ArtefactId& id, const fs::path& library, const fs::path& module, const fs::path& output) {
  Command command{.argv = {"wasmedge", "compile", "--optimize",
                           std::to_string(id.variant.aot_level.value_or(kDefaultAotLevel)), module.string(),
                           output.string()}};
  if (id.variant.isa != Isa::kNative) {
    // By a relative path: the loader takes a blank or a colon in the folder's name for the end of the library's.
    command.folder = library.parent_path();
    command.environment = {"LD_PRELOAD=./" + library.filename().string()};
  }
  return command;
}

bool baseline_took_effect(const CommandResult& compiled) { return compiled.errors.contains(kSaid); }

}  // namespace lumos
