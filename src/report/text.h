// Plain text laid out for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lumos {

/// Characters of UTF-8 text, each taken as one column wide: right for Latin, Greek, µ, ×, ∞, –; not for CJK or emoji.
std::size_t display_width(std::string_view text);

/// Breaks at spaces so that no line is wider than `width`; later lines begin with `indent`. A longer word is cut. Ends
/// in '\n'.
std::string wrap(std::string_view text, std::size_t width, std::string_view indent = "");

struct Column {
  std::string title;
  bool left = false;      // aligned; else right
  bool optional = false;  // may be left out when the table is too wide
};

/// Rows under aligned columns, with headings between them.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// One text per column.
  void add_row(std::vector<std::string> row);
  /// A line of its own before the rows that follow.
  void add_heading(std::string heading);

  /// Every line within `width`, as far as leaving out optional columns, the last first, can bring it about.
  std::string text(std::size_t width) const;

 private:
  struct Line {
    std::string heading;
    std::vector<std::string> row;  // empty = a heading
  };
  std::vector<std::size_t> widths() const;
  std::string format_row(const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
                         const std::vector<bool>& shown, std::size_t gap) const;

  std::vector<Column> columns_;
  std::vector<Line> lines_;
};

}  // namespace lumos
