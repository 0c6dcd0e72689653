// A new function in the workspace, from a template: it builds for every runtime and keeps the contract as it is.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lumos {

struct NewFunction {
  std::filesystem::path functions;  // the workspace; templates are in its templates/<language>/
  std::string name;
  std::string language = "rust";  // Language::name
};

/// Writes the function's folder; a Rust function also becomes a member of Cargo.toml and a package of Cargo.lock, in
/// order, without asking any registry. Returns the files written, relative to the workspace. Error: kUsage, the name or
/// language cannot be; kEnvironment. Nothing of the function is left then.
Expected<std::vector<std::filesystem::path>> make_function(const NewFunction& wanted);

/// Why a function cannot be called so; "" when it can: 1 to 48 of [a-z0-9-], a letter first, no '-' at the end or
/// twice, no word that Rust or the workspace keeps for itself.
std::string name_problem(std::string_view name);

/// Cargo.toml with one more member, in its place. Error: kUsage, there is no list of members as expected.
Expected<std::string> with_member(std::string_view manifest, std::string_view name);

/// Cargo.lock with one more package of the template's dependencies, in its place. Error: kUsage: it has a package of
/// that name, or lacks what the template needs.
Expected<std::string> with_package(std::string_view lock, std::string_view name);

}  // namespace lumos
