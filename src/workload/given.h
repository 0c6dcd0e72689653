// The part of an experiment that names what a user already has: an image or a module, how it is reached, what is sent.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "record/given.h"
#include "workload/yaml.h"

namespace lumos {

/// As it stands in the file; files are not looked at yet.
struct GivenFunction {
  Given given;  // its paths as they stand there
  std::string content_type = "application/json";
  std::string body;
  std::filesystem::path body_file;                       // of "@FILE": empty when the body stands in the experiment
  std::optional<std::string> digest;                     // of the right answer
  Mark source, body_at;                                  // where image or module, and body, are named
  std::vector<std::pair<std::string, Mark>> of_servers;  // keys written that a command has no use for
};

/// Whether an entry of 'functions' names an image or a module.
bool is_given(const YamlNode& entry);

/// Reads such an entry; `name` is its function's. Error: kUsage with the position.
Expected<GivenFunction> read_given(const YamlNode& entry, const std::string& name);

/// Makes its paths absolute, from `folder`, reads the body, and looks whether a module is a command. Error: kUsage with
/// the position: what is no OCI layout, no module of WebAssembly, no readable file; a key that a command has no use
/// for.
Expected<> read_files(GivenFunction& function, const std::filesystem::path& folder);

}  // namespace lumos
