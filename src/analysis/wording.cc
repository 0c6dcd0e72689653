#include "analysis/wording.h"

#include <cmath>
#include <format>

#include "base/units.h"

namespace lumos {

std::string format_ms(double ms) {
  if (!std::isfinite(ms)) return "∞";
  return format_duration(Nanoseconds(std::llround(ms * 1e6)));
}

std::string format_ratio(double ratio) {
  if (ratio < 0.1) return std::format("{:.2g}", ratio);
  return std::format("{:.{}f}", ratio, ratio < 9.995 ? 2 : ratio < 99.95 ? 1 : 0);
}

std::string one_line(std::string_view text, std::size_t limit) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    const bool c1_control =
        code == 0xc2 && next >= 0x80 && next < 0xa0;  // U+009B starts an escape sequence, as ESC [ does
    if (c1_control) ++i;
    const bool blank = code <= 0x20 || code == 0x7f || c1_control;
    if (!blank) {
      result += text[i];
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  if (result.size() <= limit) return result;
  while (limit > 0 && (static_cast<unsigned char>(result[limit]) & 0xc0) == 0x80) --limit;
  return result.substr(0, limit) + "…";
}

}  // namespace lumos
