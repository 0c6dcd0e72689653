// How numbers and other people's text read in a sentence or a table.
#pragma once

#include <string>
#include <string_view>

namespace lumos {

/// format_duration() of milliseconds; "∞" of +inf.
std::string format_ms(double ms);

/// Three significant digits: "0.045", "0.93", "3.24", "58.1", "412".
std::string format_ratio(double ratio);

/// What others wrote, fit for one line of a terminal: white space and control characters become single spaces, and
/// after `limit` bytes it ends in "…", never within a character.
std::string one_line(std::string_view text, std::size_t limit = 160);

}  // namespace lumos
