// The languages that functions are written in: one row each, and the only place that tells them apart.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/subprocess.h"
#include "control/build/toolchain.h"

namespace lumos {

struct Language {
  std::string_view name;    // in commands: "rust"
  std::string_view title;   // for people: "Rust"
  std::string_view marker;  // a file that the folder of every such function has
  /// What is done before the time is taken: what functions share, folders.
  std::vector<Command> (*prepare)(const Workspace&, const ArtefactId&);
  /// Makes the native binary, or the module of Wasm and ahead-of-time artefacts.
  Command (*compile)(const Workspace&, const ArtefactId&);
  std::filesystem::path (*output)(const Workspace&, const ArtefactId&);
};

/// All of them, the default first.
std::span<const Language> languages();

/// By its name; nullptr when there is none.
const Language* find_language(std::string_view name);

/// Of a function of the workspace: the first whose marker is in its folder; the default when there is none.
const Language& language_of(const Workspace& workspace, const std::string& function);

}  // namespace lumos
