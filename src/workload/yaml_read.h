// Typed values out of YAML nodes. Every error says where, what was found and what is expected; `what` names the value
// there, such as "'stop.min'".
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "workload/yaml.h"

namespace lumos {

/// What an error says it found: 'abc', the text "abc", a list, a map, nothing.
std::string found(const YamlNode& node);

/// "a, b, c".
std::string listed(std::span<const std::string> words);

/// A map with no other keys than `known`.
Expected<> check_map(const YamlNode& node, std::string_view what, std::span<const std::string> known);

/// The items of a list, or the node itself when it is none. Never empty.
Expected<std::vector<const YamlNode*>> read_items(const YamlNode& node, std::string_view what);

/// Any scalar, as it stands.
Expected<std::string> read_text(const YamlNode& node, std::string_view what);

/// One of `known`. `noun` is what such a word is called ("runtime").
Expected<std::string> read_word(const YamlNode& node, std::string_view noun, std::span<const std::string> known);

/// Unquoted decimal digits with an optional sign and exponent ("-5", "200", "1e6"), exact, in [min, max].
Expected<std::int64_t> read_integer(const YamlNode& node, std::string_view what, std::int64_t min, std::int64_t max);

/// "5%" or 0.05, between 0 and 1, both excluded.
Expected<double> read_fraction(const YamlNode& node, std::string_view what);

/// "250ms", "5m" (base/units.h), longer than nothing.
Expected<Nanoseconds> read_duration(const YamlNode& node, std::string_view what);

/// "512MB", "64MiB" (base/units.h), in [min, max] bytes.
Expected<std::int64_t> read_bytes(const YamlNode& node, std::string_view what, std::int64_t min, std::int64_t max);

/// "20MB/s", in [min, max] bytes per second.
Expected<std::int64_t> read_bytes_per_s(const YamlNode& node, std::string_view what, std::int64_t min,
                                        std::int64_t max);

/// Appends a value that is not in the list yet.
template <typename T>
Expected<> push_unique(std::vector<T>& values, T value, const YamlNode& node, std::string_view what) {
  if (std::ranges::contains(values, value)) return fail_at(node.mark, "{} lists {} twice", what, found(node));
  values.push_back(std::move(value));
  return {};
}

}  // namespace lumos
