#include "workload/yaml_text.h"

#include <algorithm>
#include <cstdint>
#include <format>

namespace lumos {
namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

// Length of the UTF-8 sequence at `i`, 0 when it is invalid (RFC 3629: no overlong forms, no surrogates, up to
// U+10FFFF).
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const unsigned lead = byte_at(text, i);
  const unsigned second = byte_at(text, i + 1);
  const auto continues = [&](std::size_t k) { return (byte_at(text, i + k) & 0xC0) == 0x80; };
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  if (lead < 0xE0) return continues(1) ? 2 : 0;
  if (lead < 0xF0) {
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
    return continues(1) && continues(2) ? 3 : 0;
  }
  if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
  return continues(1) && continues(2) && continues(3) ? 4 : 0;
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// C0 and C1 control characters and DEL; NEL (U+0085) is a line break of YAML.
bool is_control(std::string_view text, std::size_t i) {
  const unsigned byte = byte_at(text, i);
  if (byte == 0xC2) return byte_at(text, i + 1) < 0xA0 && byte_at(text, i + 1) != 0x85;
  return byte < 0x20 || byte == 0x7F;
}

// "" when the character at `i` may stand in a YAML file.
std::string refusal(std::string_view text, std::size_t i) {
  const unsigned byte = byte_at(text, i);
  if (byte == '\n' || byte == '\t' || (byte == '\r' && byte_at(text, i + 1) == '\n')) return "";
  if (utf8_length(text, i) == 0) return std::format("byte 0x{:02x} is not valid UTF-8", byte);
  if (text.substr(i).starts_with(kByteOrderMark)) return "a byte order mark is allowed at the start only";
  if (!is_control(text, i)) return "";
  return std::format("control character 0x{:02x} is not allowed", byte == 0xC2 ? byte_at(text, i + 1) : byte);
}

// Column (from 0) of a tab in the indentation of `line`; npos for none, and for blank lines and comments.
std::size_t tab_in_indentation(std::string_view line) {
  const std::size_t content = line.find_first_not_of(" \t");
  if (content == std::string_view::npos || line[content] == '#' || line[content] == '\r') return std::string_view::npos;
  return line.substr(0, content).find('\t');
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

std::optional<TextProblem> find_text_problem(std::string_view text) {
  if (text.size() > kYamlLimitBytes) {
    return TextProblem{1, 1, std::format("{} bytes are too many: at most {} are read", text.size(), kYamlLimitBytes)};
  }
  int line = 1;
  for (std::size_t start = 0; start <= text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const auto column = [&](std::size_t i) { return static_cast<int>(i - start) + 1; };
    for (std::size_t i = start; i < end; i += utf8_length(text, i)) {
      if (auto message = refusal(text, i); !message.empty()) return TextProblem{line, column(i), std::move(message)};
    }
    const std::size_t tab = tab_in_indentation(text.substr(start, end - start));
    if (tab != std::string_view::npos) {
      return TextProblem{line, column(start + tab), "a tab is not allowed as indentation: use spaces"};
    }
    start = end + 1;
  }
  return std::nullopt;
}

std::string shown(std::string_view text, std::size_t limit) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text, i), 1);
    if (i + length > limit) return result + "…";
    if (utf8_length(text, i) == 0 || is_control(text, i)) {
      result += '?';
    } else {
      result += text.substr(i, length);
    }
    i += length;
  }
  return result;
}

}  // namespace lumos
