// What is asked of a text before a parser sees it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lumos {

/// Why a text is refused, and where: line and column from 1, a column counts bytes.
struct TextProblem {
  int line = 1;
  int column = 1;
  std::string message;
};

constexpr std::size_t kYamlLimitBytes = 256 << 10;

/// Drops a UTF-8 byte order mark.
std::string_view without_byte_order_mark(std::string_view text);

/// nullopt for at most kYamlLimitBytes of valid UTF-8 without control characters (but newline, CR LF and tab) and
/// without tabs as indentation; else the first problem.
std::optional<TextProblem> find_text_problem(std::string_view text);

/// Text for an error message: control characters as '?', at most `limit` bytes, cut between characters and marked with
/// "…".
std::string shown(std::string_view text, std::size_t limit = 40);

}  // namespace lumos
