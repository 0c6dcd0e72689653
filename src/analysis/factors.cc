#include "analysis/factors.h"

#include <algorithm>
#include <format>

#include "analysis/wording.h"

namespace lumos {

std::string factor_key(const nlohmann::ordered_json& factors, std::initializer_list<std::string_view> except) {
  nlohmann::json kept = nlohmann::json::object();  // keeps its keys sorted
  for (const auto& [name, value] : factors.items()) {
    if (std::ranges::find(except, name) == except.end()) kept[name] = nlohmann::json(value);
  }
  return kept.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool built_alike(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b) {
  return std::ranges::all_of(kDeploymentFactors, [&](std::string_view factor) {
    const auto in_a = a.find(factor), in_b = b.find(factor);
    const bool applies =
        factor != "runtime" && in_a != a.end() && in_b != b.end() && !in_a->is_null() && !in_b->is_null();
    return !applies || *in_a == *in_b;
  });
}

std::string factor_text(const nlohmann::ordered_json& factors, const std::string& name) {
  const auto found = factors.find(name);
  if (found == factors.end() || found->is_null()) return "";
  const bool text = found->is_string();
  return one_line(
      text ? found->get<std::string>() : found->dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
      40);
}

std::string shown_factor(const nlohmann::ordered_json& factors, const std::string& name) {
  const std::string text = factor_text(factors, name);
  return text + (name == "device" && text != "none" && !text.empty() ? " (emulated)" : "");
}

std::string function_label(const nlohmann::ordered_json& factors) {
  const std::string payload = factor_text(factors, "payload");
  const std::string function = factor_text(factors, "function");
  return payload.empty() || payload == "{}" ? function : std::format("{}({})", function, payload);
}

}  // namespace lumos
