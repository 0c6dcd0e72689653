// Factors as keys and as words.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lumos {

/// Equal for cells that agree in every factor but those in `except`, whatever the order they are written in.
std::string factor_key(const nlohmann::ordered_json& factors, std::initializer_list<std::string_view> except);

/// The factors that say what an instance is made of: runtime and variant of the build. What else a cell has says what
/// is asked of it.
inline constexpr std::initializer_list<std::string_view> kDeploymentFactors{"runtime", "base", "isa", "wasm_simd",
                                                                            "aot_level"};

/// The factors that say how an invocation finds its instance; what a warm one has of them beside `start` is null.
inline constexpr std::initializer_list<std::string_view> kStartFactors{"start", "cache", "runtime_cache",
                                                                       "link_registry"};

/// Whether two cells agree in every factor of the build that applies to both: one that is null or absent in either does
/// not.
bool built_alike(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b);

/// A factor's value for people: text without its quotes; "" when it is absent or null.
std::string factor_text(const nlohmann::ordered_json& factors, const std::string& name);

/// The same, with " (emulated)" where it names something that stands for something else.
std::string shown_factor(const nlohmann::ordered_json& factors, const std::string& name);

/// "fibonacci(1000000)", or "noop" when there is no payload.
std::string function_label(const nlohmann::ordered_json& factors);

}  // namespace lumos
