#include "report/checks_text.h"

#include <algorithm>
#include <format>
#include <optional>
#include <vector>

#include "analysis/groups.h"
#include "report/results_text.h"
#include "report/text.h"

namespace lumos {
namespace {

/// A word of a verdict, taken apart where it is a number: "(2" is "(", 2, "".
struct Word {
  std::string before, low, high, after;

  std::string text() const { return before + low + (low == high ? "" : "–" + high) + after; }
};

// Longer rows of digits are digests or names, which have no range.
constexpr std::size_t kLongestNumber = 9;

Word parse_word(const std::string& word) {
  const std::size_t begin = word.starts_with('(') ? 1 : 0;
  std::size_t end = std::min(word.find_first_not_of("0123456789.", begin), word.size());
  while (end > begin && word[end - 1] == '.') --end;
  const std::string number = word.substr(begin, end - begin), after = word.substr(end);
  const bool sane = !number.empty() && number.front() != '.' && number.size() <= kLongestNumber &&
                    std::ranges::count(number, '.') <= 1 && after.find_first_not_of(".,;:)") == std::string::npos;
  if (!sane) return {.before = word};
  return {word.substr(0, begin), number, number, after};
}

std::vector<Word> words_of(const std::string& text) {
  std::vector<Word> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(parse_word(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return words;
}

/// One verdict, of one cell or of several.
struct Entry {
  CheckStatus status;
  std::string check;
  std::string first_cell;
  std::size_t cells = 1;
  std::vector<Word> detail;

  /// Takes another one in when it says the same but for its numbers.
  bool absorb(const Entry& other) {
    const auto alike = [](const Word& a, const Word& b) {
      return a.before == b.before && a.after == b.after && a.low.empty() == b.low.empty();
    };
    if (status != other.status || check != other.check || !std::ranges::equal(detail, other.detail, alike))
      return false;
    const auto less = [](const std::string& a, const std::string& b) { return std::stod(a) < std::stod(b); };
    for (std::size_t i = 0; i < detail.size(); ++i) {
      if (detail[i].low.empty()) continue;
      detail[i].low = std::min(detail[i].low, other.detail[i].low, less);
      detail[i].high = std::max(detail[i].high, other.detail[i].high, less);
    }
    cells += other.cells;
    return true;
  }

  std::string text(std::size_t cells_in_all) const {
    const std::string where = cells == 1 ? first_cell
                              : cells == cells_in_all
                                  ? std::format("all {} cells", cells)
                                  : std::format("{} and {} more cell{}", first_cell, cells - 1, cells == 2 ? "" : "s");
    std::string line = std::format("  {}  {}, {}:", name_of(status), where, check);
    for (const auto& word : detail) line += " " + word.text();
    return wrap(line, kResultsWidth, "        ");
  }
};

}  // namespace

std::string checks_text(const RunSummary& summary) {
  std::size_t passed = 0;
  std::vector<Entry> entries;
  for (const auto& group : groups_of(summary.cells)) {
    for (const CellSummary* cell : group.cells) {
      for (const auto& check : cell->checks) {
        if (check.status == CheckStatus::kPass) {
          ++passed;
          continue;
        }
        Entry entry{check.status, check.name, group.label + " " + cell->label(), 1, words_of(check.detail)};
        if (std::ranges::none_of(entries, [&](Entry& known) { return known.absorb(entry); }))
          entries.push_back(std::move(entry));
      }
    }
  }
  if (entries.empty()) return std::format("All {} checks passed.\n", passed);
  std::ranges::stable_sort(entries, std::greater{}, &Entry::status);
  std::string text = std::format("Checks ({} others passed):\n", passed);
  for (const auto& entry : entries) text += entry.text(summary.cells.size());
  return text;
}

}  // namespace lumos
