// The signs that obstacles.h looks for: data.
#pragma once

#include <span>
#include <string_view>

#include "control/build/obstacles.h"

namespace lumos {

/// Where a sign is looked for.
enum class Place : std::uint8_t {
  kRust,  // a line of a source
  kC,     // likewise, C and C++
  kGo,
  kPython,
  kNode,
  kCrate,     // the name of a package in Cargo.lock
  kManifest,  // a line of Cargo.toml, requirements.txt, pyproject.toml, package.json, go.mod
  kFile,      // the end of a file's name
  kSymbol,    // an undefined dynamic symbol of a binary
  kLibrary,   // the beginning of a library's name that a binary needs
};

struct Sign {
  Place place;
  std::string_view text;
  Topic topic;
  Verdict verdict;
  std::string_view why;
};

std::span<const Sign> signs();

/// A language by its sources. `verdict` and `why` say how it gets to WASI.
struct SourceLanguage {
  std::string_view name;
  Place place;                  // of its lines
  std::string_view extensions;  // ".rs" or ".c .cc"
  Verdict verdict;
  std::string_view why;
};

std::span<const SourceLanguage> source_languages();

/// Programs that run other programs: by the beginning of the file's name.
struct Interpreter {
  std::string_view name, language;
};

std::span<const Interpreter> interpreters();

}  // namespace lumos
