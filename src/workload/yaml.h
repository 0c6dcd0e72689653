// YAML with positions: the one adapter round yaml-cpp, whose exceptions end here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lumos {

/// Where a node stood: in a file (line and column from 1, a column counts bytes) or in a command-line option (line 0).
struct Mark {
  std::shared_ptr<const std::string> source;
  int line = 0;
  int column = 0;

  /// "FILE:LINE:COLUMN", or the option.
  std::string text() const;
};

struct YamlEntry;

/// A node of the tree. Types are not guessed: a scalar is its text until the schema reads it (workload/yaml_read.h).
struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  Mark mark;  // of a value left out in a map: the key's
  std::string scalar;
  bool quoted = false;             // quoted, a block scalar, or tagged !!str: text, never a number
  std::vector<YamlNode> items;     // of a list
  std::vector<YamlEntry> entries;  // of a map, in the order of the file; keys are scalars and unique

  /// The value of `key` in a map; nullptr when there is none.
  const YamlNode* find(std::string_view key) const;
  YamlNode* find(std::string_view key);
};

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

constexpr std::size_t kYamlMaxDepth = 16;
constexpr std::size_t kYamlMaxNodes = 10'000;

/// Reads one document; an empty text is a null node at 1:1. Refused, with kUsage and "FILE:LINE:COLUMN: message": what
/// is not YAML, what find_text_problem finds, anchors, aliases and merge keys, tags but the core ones, a second
/// document, keys that are no scalars or stand twice, more than kYamlMaxDepth levels or kYamlMaxNodes nodes.
Expected<YamlNode> parse_yaml(std::string_view text, const std::string& file_name);

/// The same for a value given on the command line: positions and errors name `option`.
Expected<YamlNode> parse_yaml_option(std::string_view text, const std::string& option);

/// kUsage with "POSITION: message".
template <typename... Args>
std::unexpected<Error> fail_at(const Mark& mark, std::format_string<Args...> format, Args&&... args) {
  return fail(ErrorCode::kUsage, "{}: {}", mark.text(), std::format(format, std::forward<Args>(args)...));
}

}  // namespace lumos
