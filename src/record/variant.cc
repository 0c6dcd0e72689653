#include "record/variant.h"

#include <format>

#include "record/json.h"

namespace lumos {

Variant variant_of(ArtefactKind kind, const Variant& choice) {
  const bool module = kind != ArtefactKind::kNative, machine_code = kind != ArtefactKind::kWasm;
  Variant v{.base = module ? Base::kScratch : choice.base};
  if (machine_code) v.isa = choice.isa.value_or(Isa::kBaseline);
  if (module) v.wasm_simd = choice.wasm_simd.value_or(false);
  if (kind == ArtefactKind::kAot) v.aot_level = choice.aot_level.value_or(kDefaultAotLevel);
  return v;
}

std::string label_of(const Variant& variant) {
  std::string label(name_of(variant.base));
  if (variant.isa) label += std::format("-{}", name_of(*variant.isa));
  if (variant.wasm_simd.value_or(false)) label += "-simd";
  if (variant.aot_level) label += std::format("-O{}", *variant.aot_level);
  return label;
}

nlohmann::ordered_json factors_of(const Variant& variant) {
  nlohmann::ordered_json factors{
      {"base", name_of(variant.base)}, {"isa", nullptr}, {"wasm_simd", nullptr}, {"aot_level", nullptr}};
  if (variant.isa) factors["isa"] = name_of(*variant.isa);
  if (variant.wasm_simd) factors["wasm_simd"] = name_of_simd(*variant.wasm_simd);
  if (variant.aot_level) factors["aot_level"] = *variant.aot_level;
  return factors;
}

std::string built_otherwise(const nlohmann::ordered_json& factors) {
  std::string words;
  const auto add = [&](const char* factor, const nlohmann::ordered_json& by_default, const auto& word_of) {
    const auto found = factors.find(factor);
    if (found == factors.end() || found->is_null() || *found == by_default) return;
    words +=
        (words.empty() ? "" : " ") + word_of(found->is_string() ? found->template get<std::string>() : found->dump());
  };
  add("base", name_of(Base::kScratch), [](const std::string& base) { return base; });
  add("isa", name_of(Isa::kBaseline), [](const std::string& isa) { return isa + "-isa"; });
  add("wasm_simd", name_of_simd(false), [](const std::string&) { return std::string("simd"); });
  add("aot_level", kDefaultAotLevel, [](const std::string& level) { return "O" + level; });
  return words;
}

Variant variant_from_json(const nlohmann::json& factors) {
  Variant v{.base = parse_name<Base>(factors.at("base").get<std::string>()).value()};
  if (const auto& isa = factors.at("isa"); !isa.is_null())
    v.isa.emplace(parse_name<Isa>(isa.get<std::string>()).value());
  if (const auto& simd = factors.at("wasm_simd"); !simd.is_null())
    v.wasm_simd = simd.get<std::string>() == name_of_simd(true);
  if (const auto& level = factors.at("aot_level"); !level.is_null()) v.aot_level = integer<int>(level);
  return v;
}

}  // namespace lumos
