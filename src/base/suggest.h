// "did you mean": the known word nearest to a misspelt one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lumos {

/// " (did you mean 'X'?)" for the candidate at the smallest edit distance, or "" when none is near
/// (at most a third of its letters, and never more than three edits).
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace lumos
