// A function that Lumos did not write: an image or a module of somebody else's, measured as it is.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace lumos {

/// What it is, how it is reached, what is sent to it. The body lies in the Input, as every function's.
struct Given {
  std::filesystem::path image;   // an OCI layout, absolute; empty: not pulled yet, or a module
  std::string tag;               // of the image in it; empty: it holds one
  std::string reference;         // HOST/NAME:TAG of a registry that the image is pulled from; empty: it is there
  std::string digest;            // what that was when it was pulled: sha256:…; empty: not pulled yet
  std::filesystem::path module;  // a file of WebAssembly, absolute; empty: it is an image
  bool command = false;          // a module that serves no socket: reads its input, writes its answer, ends
  int port = 8080;
  std::string ready;                     // a path that answers 2xx or 3xx once it is ready; empty: it listens
  std::vector<std::string> environment;  // NAME=value, beside the image's own
  std::string method = "POST", target = "/";
  std::vector<std::pair<std::string, std::string>> headers;  // beside Host, Content-Type and Content-Length
  int status = 200;                                          // of a right answer
  bool varies = false;  // its answers differ from each other: nothing is said of them

  bool is_image() const { return module.empty(); }
};

nlohmann::ordered_json to_json(const Given& given);
/// What to_json wrote. Throws nlohmann's exceptions.
Given given_from_json(const nlohmann::json& json);

}  // namespace lumos
