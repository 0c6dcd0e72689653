// The functions under functions/: what can be measured, with which payloads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace lumos {

/// The one number that tells a function's inputs apart.
struct PayloadSchema {
  std::string field;  // of the request, where it is all that this holds; else empty
  std::string unit;   // what it counts; may be empty
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t default_value = 0;
  int protobuf_field = 0;  // of `field` in a Protobuf request; 0: such a request is made by control/build/inputs.h
};

/// What a function's requests may be encoded in.
inline constexpr const char* kFormats[] = {"json", "cbor", "protobuf"};

/// A function as its function.json describes it.
struct Function {
  struct Answer {
    nlohmann::ordered_json payload;
    std::string digest;
  };

  std::string name;
  std::string description;
  std::string kind;                      // compute, data or small
  std::optional<PayloadSchema> payload;  // nullopt: takes none
  std::vector<Answer> expected;
  bool paper = false;            // one of the paper's eight
  bool stored = false;           // takes an object, which may lie in storage
  bool asks_more = false;        // its request is more than the payload's field
  nlohmann::ordered_json small;  // a payload that takes no time; null where it takes none
  std::vector<std::string> formats{std::begin(kFormats), std::end(kFormats)};  // those that it reads

  bool reads(std::string_view format) const;
};

/// All functions, by name.
class FunctionCatalogue {
 public:
  FunctionCatalogue() = default;
  explicit FunctionCatalogue(std::vector<Function> functions);

  /// Reads FOLDER/*/function.json; folders without one are passed over. Error: kUsage with file and field; kEnvironment
  /// when the folder cannot be read or holds no function.
  static Expected<FunctionCatalogue> load(const std::filesystem::path& folder);

  const std::vector<Function>& functions() const { return functions_; }
  std::vector<std::string> names() const;
  const Function* find(std::string_view name) const;

 private:
  std::vector<Function> functions_;
};

/// Parses one function.json; `file_name` is for errors, kUsage.
Expected<Function> parse_function(std::string_view text, const std::string& file_name);

/// The request body: {"<field>":payload}, or {} for a function without payload. nullopt: the request is more than that,
/// or is in a format that needs the function's own types (control/build/inputs.h). `payload` is a number, or null for
/// none.
std::optional<std::string> request_body(const Function& function, const nlohmann::ordered_json& payload,
                                        std::string_view format = "json");

/// The digest that a right answer carries; nullopt when none is listed for this payload.
std::optional<std::string> expected_digest(const Function& function, const nlohmann::ordered_json& payload);

}  // namespace lumos
