// What every benchmark begins with: the folders it works on, and that it ends at the first error.
#pragma once

#include <errno.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace lumos::bench {

[[noreturn]] inline void die(const Error& error) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, error.message.c_str());
  std::exit(static_cast<int>(error.code));
}

template <typename T>
T must(Expected<T> value) {
  if (!value) die(value.error());
  if constexpr (!std::is_void_v<T>) return *std::move(value);
}

struct Folders {
  std::filesystem::path home, repository, functions;
};

/// As ./dev bench names them in LUMOS_HOME and LUMOS_REPO; ends the process (2) without.
inline Folders folders() {
  const char* home = std::getenv("LUMOS_HOME");
  const char* repository = std::getenv("LUMOS_REPO");
  if (home == nullptr || repository == nullptr) die({ErrorCode::kUsage, "start this by ./dev bench"});
  const std::filesystem::path checkout = std::filesystem::canonical(repository);
  return {.home = std::filesystem::canonical(home), .repository = checkout, .functions = checkout / "functions"};
}

}  // namespace lumos::bench
