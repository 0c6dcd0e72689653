#include "report/text.h"

#include <algorithm>

#include "base/error.h"

namespace lumos {
namespace {

constexpr std::size_t kIndent = 2;

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }

/// The bytes that hold the first `characters` characters.
std::size_t bytes_of(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (starts_character(text[at]) && characters-- == 0) break;
  }
  return at;
}

std::size_t total_width(const std::vector<std::size_t>& widths, const std::vector<bool>& shown, std::size_t gap) {
  std::size_t total = kIndent;
  for (std::size_t i = 0; i < widths.size(); ++i) total += shown[i] ? widths[i] + gap : 0;
  return total - gap;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

std::string wrap(std::string_view text, std::size_t width, std::string_view indent) {
  std::string result;
  std::string line;
  const auto flush = [&] {
    result += line + '\n';
    line = indent;
  };
  bool first = true;  // on its line
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!first && display_width(line) + 1 + display_width(word) > width) {
      flush();
      first = true;
    }
    if (!first) line += ' ';
    while (display_width(line) + display_width(word) > width) {
      const std::size_t fits = bytes_of(word, width - std::min(width - 1, display_width(line)));
      line += word.substr(0, fits);
      word.remove_prefix(fits);
      flush();
    }
    line += word;
    first = false;
  }
  flush();
  return result;
}

void Table::add_row(std::vector<std::string> row) {
  LUMOS_CHECK(row.size() == columns_.size());
  lines_.push_back({.row = std::move(row)});
}

void Table::add_heading(std::string heading) { lines_.push_back({.heading = std::move(heading)}); }

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> result;
  result.reserve(columns_.size());
  for (const auto& column : columns_) result.push_back(display_width(column.title));
  for (const auto& line : lines_) {
    for (std::size_t i = 0; i < line.row.size(); ++i) result[i] = std::max(result[i], display_width(line.row[i]));
  }
  return result;
}

std::string Table::format_row(const std::vector<std::string>& row, const std::vector<std::size_t>& widths,
                              const std::vector<bool>& shown, std::size_t gap) const {
  std::string line(kIndent - gap, ' ');
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!shown[i]) continue;
    const std::string padding(widths[i] - display_width(row[i]), ' ');
    line += std::string(gap, ' ') + (columns_[i].left ? row[i] + padding : padding + row[i]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

std::string Table::text(std::size_t width) const {
  const auto wide = widths();
  std::vector<bool> shown(columns_.size(), true);
  std::size_t gap = 2;
  if (total_width(wide, shown, gap) > width) gap = 1;
  for (std::size_t i = columns_.size(); i-- > 0 && total_width(wide, shown, gap) > width;) {
    if (columns_[i].optional) shown[i] = false;
  }
  std::vector<std::string> titles;
  titles.reserve(columns_.size());
  for (const auto& column : columns_) titles.push_back(column.title);
  std::string result = format_row(titles, wide, shown, gap);
  for (const auto& line : lines_) {
    result += line.row.empty() ? wrap(line.heading, width, "  ") : format_row(line.row, wide, shown, gap);
  }
  return result;
}

}  // namespace lumos
