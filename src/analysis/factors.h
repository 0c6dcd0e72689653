// Factors as keys and as words.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lumos {

/// Equal for cells that agree in every factor but those in `except`, whatever the order they are written in.
std::string factor_key(const nlohmann::ordered_json& factors, std::initializer_list<std::string_view> except);

/// A factor's value for people: text without its quotes; "" when it is absent or null.
std::string factor_text(const nlohmann::ordered_json& factors, const std::string& name);

/// "fibonacci(1000000)", or "noop" when there is no payload.
std::string function_label(const nlohmann::ordered_json& factors);

}  // namespace lumos
