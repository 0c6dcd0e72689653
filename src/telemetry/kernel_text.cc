#include "telemetry/kernel_text.h"

#include <algorithm>
#include <charconv>

#include "base/file.h"

namespace lumos {
namespace {

constexpr std::string_view kBlanks = " \t";

bool begins_word(std::string_view text, std::size_t at) {
  return at == 0 || text[at - 1] == '\n' || kBlanks.contains(text[at - 1]);
}

// The next place from `from` where `key` begins a word; npos when there is none.
std::size_t find_word(std::string_view text, std::string_view key, std::size_t from) {
  std::size_t at = text.find(key, from);
  while (at != std::string_view::npos && !begins_word(text, at)) at = text.find(key, at + 1);
  return at;
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string read_kernel_file(const std::filesystem::path& path) { return read_file(path).value_or(""); }

std::optional<std::string_view> text_after(std::string_view text, std::string_view key) {
  const std::size_t at = find_word(text, key, 0);
  return at == std::string_view::npos ? std::nullopt : std::optional(text.substr(at + key.size()));
}

std::optional<std::int64_t> number_after(std::string_view text, std::string_view key) {
  return text_after(text, key).and_then(parse_number);
}

std::optional<std::int64_t> sum_after(std::string_view text, std::string_view key) {
  std::optional<std::int64_t> sum;
  for (std::size_t at = find_word(text, key, 0); at != std::string_view::npos; at = find_word(text, key, at + 1)) {
    const auto value = parse_number(text.substr(at + key.size()));
    std::int64_t with = 0;
    if (!value) continue;
    if (__builtin_add_overflow(sum.value_or(0), *value, &with)) return std::nullopt;
    sum = with;
  }
  return sum;
}

std::optional<std::int64_t> times(std::optional<std::int64_t> value, std::int64_t factor) {
  std::int64_t product = 0;
  if (!value || __builtin_mul_overflow(*value, factor, &product)) return std::nullopt;
  return product;
}

std::string_view word_at(std::string_view text, int n) {
  constexpr std::string_view kSpace = " \t\n";
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(kSpace));
    if (--n == 0 || word.empty()) return word;
    text.remove_prefix(word.size());
  }
}

}  // namespace lumos
