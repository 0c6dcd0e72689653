#include "workload/yaml_read.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "base/suggest.h"
#include "base/units.h"
#include "workload/yaml_text.h"

namespace lumos {
namespace {

// Whether `text` is a whole number, and its value when it fits 64 bits.
struct WholeNumber {
  bool valid = false;
  std::optional<std::int64_t> value;
};

// -?(0|[1-9][0-9]*)([eE]\+?[0-9]{1,3})?, without a detour over double: 9007199254740993 stays what it is.
WholeNumber parse_whole_number(std::string_view text) {
  const std::size_t e = text.find_first_of("eE");
  const std::string_view number = text.substr(0, e);
  const std::string_view digits = number.substr(number.starts_with('-') ? 1 : 0);
  std::string_view exponent = e == std::string_view::npos ? "0" : text.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  const auto all_digits = [](std::string_view s) {
    return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!all_digits(digits) || !all_digits(exponent) || exponent.size() > 3) return {};
  if (digits.size() > 1 && digits.front() == '0') return {};

  std::int64_t value = 0;
  int zeros = 0;
  bool fits = std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc{};
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), zeros);
  for (; fits && value != 0 && zeros > 0; --zeros) fits = !__builtin_mul_overflow(value, 10, &value);
  return {.valid = true, .value = fits ? std::optional(value) : std::nullopt};
}

}  // namespace

std::string found(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kList:
      return node.items.empty() ? "an empty list" : "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      break;
  }
  return node.quoted ? std::format("the text \"{}\"", shown(node.scalar)) : std::format("'{}'", shown(node.scalar));
}

std::string listed(std::span<const std::string> words) {
  std::string result;
  for (const auto& word : words) result += (result.empty() ? "" : ", ") + word;
  return result;
}

Expected<> check_map(const YamlNode& node, std::string_view what, std::span<const std::string> known) {
  if (node.kind != YamlNode::Kind::kMap) {
    return fail_at(node.mark, "{} must be a map (keys: {}), not {}", what, listed(known), found(node));
  }
  for (const auto& entry : node.entries) {
    const std::string& key = entry.key.scalar;
    if (std::ranges::contains(known, key)) continue;
    return fail_at(entry.key.mark, "unknown key '{}' in {}{}; known: {}", shown(key), what, suggestion(key, known),
                   listed(known));
  }
  return {};
}

Expected<std::vector<const YamlNode*>> read_items(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kNull || (node.kind == YamlNode::Kind::kList && node.items.empty())) {
    return fail_at(node.mark, "{} must have at least one value, not {}", what, found(node));
  }
  if (node.kind != YamlNode::Kind::kList) return std::vector{&node};
  std::vector<const YamlNode*> items;
  for (const auto& item : node.items) items.push_back(&item);
  return items;
}

Expected<std::string> read_text(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kScalar) return node.scalar;
  return fail_at(node.mark, "{} must be a word, not {}", what, found(node));
}

Expected<std::string> read_word(const YamlNode& node, std::string_view noun, std::span<const std::string> known) {
  if (node.kind != YamlNode::Kind::kScalar) {
    return fail_at(node.mark, "expected a {} ({}), not {}", noun, listed(known), found(node));
  }
  if (std::ranges::contains(known, node.scalar)) return node.scalar;
  return fail_at(node.mark, "unknown {} '{}'{}; known: {}", noun, shown(node.scalar), suggestion(node.scalar, known),
                 listed(known));
}

Expected<std::int64_t> read_integer(const YamlNode& node, std::string_view what, std::int64_t min, std::int64_t max) {
  const bool plain = node.kind == YamlNode::Kind::kScalar && !node.quoted;
  const WholeNumber number = plain ? parse_whole_number(node.scalar) : WholeNumber{};
  if (!number.valid) {
    return fail_at(node.mark, "{} must be a whole number such as 200 or 1e6, not {}", what, found(node));
  }
  if (number.value && *number.value >= min && *number.value <= max) return *number.value;
  return fail_at(node.mark, "{} must be from {} to {}, not {}", what, min, max, shown(node.scalar));
}

Expected<double> read_fraction(const YamlNode& node, std::string_view what) {
  double value = 0;
  const char* const begin = node.scalar.data();
  const char* const end = begin + node.scalar.size();
  const auto [rest, status] = std::from_chars(begin, end, value);
  const bool percent = rest + 1 == end && *rest == '%';
  const bool number = node.kind == YamlNode::Kind::kScalar && status == std::errc{} && (rest == end || percent);
  if (percent) value /= 100;
  if (number && value > 0 && value < 1) return value;
  return fail_at(node.mark, "{} must be between 0 and 1 (both excluded), such as 5% or 0.05, not {}", what,
                 found(node));
}

Expected<Nanoseconds> read_duration(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kScalar) {
    const auto duration = parse_duration(node.scalar);
    if (duration && duration->count() > 0) return *duration;
  }
  return fail_at(node.mark, "{} must be a duration above 0 such as 250ms, 20s, 5m or 1h, not {}", what, found(node));
}

namespace {

// `suffix` is what must follow the size.
Expected<std::int64_t> read_size(const YamlNode& node, std::string_view what, std::int64_t min, std::int64_t max,
                                 std::string_view suffix, std::string_view example) {
  const bool ends = node.kind == YamlNode::Kind::kScalar && node.scalar.ends_with(suffix);
  const auto bytes = parse_bytes(ends ? node.scalar.substr(0, node.scalar.size() - suffix.size()) : "");
  if (!bytes) return fail_at(node.mark, "{} must be {}, not {}", what, example, found(node));
  if (*bytes >= min && *bytes <= max) return *bytes;
  return fail_at(node.mark, "{} must be from {}{} to {}{}, not {}", what, format_bytes(min), suffix, format_bytes(max),
                 suffix, found(node));
}

}  // namespace

Expected<std::int64_t> read_bytes(const YamlNode& node, std::string_view what, std::int64_t min, std::int64_t max) {
  return read_size(node, what, min, max, "", "a size such as 512MB or 64MiB");
}

Expected<std::int64_t> read_bytes_per_s(const YamlNode& node, std::string_view what, std::int64_t min,
                                        std::int64_t max) {
  return read_size(node, what, min, max, "/s", "a rate such as 20MB/s");
}

}  // namespace lumos
