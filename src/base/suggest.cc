#include "base/suggest.h"

#include <algorithm>
#include <format>
#include <vector>

namespace lumos {
namespace {

// Levenshtein distance, one row at a time (Wagner and Fischer, 1974).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  if (word.size() > 64) return "";
  const std::string* best = nullptr;
  std::size_t best_distance = 4;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance <= std::max<std::size_t>(1, candidate.size() / 3)) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return best == nullptr ? "" : std::format(" (did you mean '{}'?)", *best);
}

}  // namespace lumos
