#include "control/build/language.h"

#include <algorithm>
#include <array>
#include <format>

namespace lumos {
namespace {

namespace fs = std::filesystem;

// --- Rust

std::vector<Command> cargo_shared(const Workspace& workspace, const ArtefactId& id) {
  return {cargo_command(workspace, id, "sdk")};
}

Command cargo_compile(const Workspace& workspace, const ArtefactId& id) {
  return cargo_command(workspace, id, id.function);
}

// --- C++

fs::path cpp_output(const Workspace& workspace, const ArtefactId& id) {
  const std::string file = id.kind == ArtefactKind::kNative ? id.function : id.function + ".wasm";
  return workspace.home / "build" / "functions-cpp" / cargo_build_name(id) / file;
}

std::vector<Command> cpp_folder(const Workspace& workspace, const ArtefactId& id) {
  return {{.argv = {"mkdir", "-p", cpp_output(workspace, id).parent_path().string()}}};
}

// Every source of the function's folder but its tests, by paths that are the same in every checkout.
std::vector<std::string> cpp_sources(const Workspace& workspace, const std::string& function) {
  std::vector<std::string> sources;
  std::error_code error;
  for (auto it = fs::directory_iterator(workspace.functions / function, error); !error && it != fs::end(it);
       it.increment(error)) {
    const std::string file = it->path().filename().string();
    if (file.ends_with(".cc") && !file.ends_with("test.cc")) sources.push_back(function + "/" + file);
  }
  std::ranges::sort(sources);
  return sources;
}

// Both without exceptions, which WasmEdge has not: a failure ends the instance, as a panic does.
Command cpp_compile(const Workspace& workspace, const ArtefactId& id) {
  std::vector<std::string> argv;
  if (id.kind == ArtefactKind::kNative) {
#if defined(__aarch64__)
    constexpr const char* kProcessor = "-mcpu";
#else
    constexpr const char* kProcessor = "-march";
#endif
    const char* processor = id.variant.isa == Isa::kNative ? "native" : kBaselineProcessor;
    argv = {"g++", "-static", std::format("{}={}", kProcessor, processor)};
  } else {
    argv = {"clang++-19", "--target=wasm32-wasi"};
    if (id.variant.wasm_simd.value_or(false)) argv.emplace_back("-msimd128");
  }
  for (const char* option : {"-std=c++23", "-O3", "-DNDEBUG", "-fno-exceptions", "-s", "-Isdk-cpp"})
    argv.emplace_back(option);
  argv.push_back(std::format("-ffile-prefix-map={}=/functions", workspace.functions.string()));
  for (auto& source : cpp_sources(workspace, id.function)) argv.push_back(std::move(source));
  argv.insert(argv.end(), {"-o", cpp_output(workspace, id).string()});
  return {.argv = std::move(argv), .folder = workspace.functions};
}

constexpr std::array<Language, 2> kLanguages{{
    {"rust", "Rust", "Cargo.toml", cargo_shared, cargo_compile, cargo_output},
    {"cpp", "C++", "main.cc", cpp_folder, cpp_compile, cpp_output},
}};

}  // namespace

std::span<const Language> languages() { return kLanguages; }

const Language* find_language(std::string_view name) {
  const auto found = std::ranges::find(kLanguages, name, &Language::name);
  return found == kLanguages.end() ? nullptr : &*found;
}

const Language& language_of(const Workspace& workspace, const std::string& function) {
  const auto found = std::ranges::find_if(kLanguages, [&](const Language& language) {
    std::error_code error;
    return fs::exists(workspace.functions / function / language.marker, error);
  });
  return found == kLanguages.end() ? kLanguages.front() : *found;
}

}  // namespace lumos
