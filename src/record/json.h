// Integers out of JSON that may come from anywhere.
#pragma once

#include <concepts>
#include <cstdint>
#include <format>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace lumos {

/// Whether it is an integer that T can hold.
template <std::integral T = std::int64_t, typename Json>
bool is_integer(const Json& value) {
  return value.is_number_unsigned() ? std::in_range<T>(value.template get<std::uint64_t>())
                                    : value.is_number_integer() && std::in_range<T>(value.template get<std::int64_t>());
}

/// Throws std::range_error for anything else, where `get` would make one of any number.
template <std::integral T = std::int64_t, typename Json>
T integer(const Json& value) {
  if (!is_integer<T>(value))
    throw std::range_error(std::format("{}: not an integer of {} bits", value.dump(), 8 * sizeof(T)));
  return value.template get<T>();
}

}  // namespace lumos
