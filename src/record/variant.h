// How an artefact and its image were built: the factors of the build.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "record/vocabulary.h"

namespace lumos {

/// What an image stands on.
enum class Base : std::uint8_t {
  kScratch,     // nothing: the image is one file
  kDebianSlim,  // a minimal Debian 13 userland, as a first layer that images share
};

/// The instructions that machine code may use; the same two targets for native binaries and for ahead-of-time code
/// (docs/images.md).
enum class Isa : std::uint8_t {
  kBaseline,  // x86-64-v2; on ARM armv8-a
  kNative,    // everything that the building machine's processor has
};

template <>
struct Names<Base> {
  static constexpr std::array<std::pair<Base, std::string_view>, 2> kTable{
      {{Base::kScratch, "scratch"}, {Base::kDebianSlim, "debian-slim"}}};
};

template <>
struct Names<Isa> {
  static constexpr std::array<std::pair<Isa, std::string_view>, 2> kTable{
      {{Isa::kBaseline, "baseline"}, {Isa::kNative, "native"}}};
};

inline constexpr int kDefaultAotLevel = 3;

/// One choice of each factor of the build; nullopt: does not apply to this kind of artefact.
struct Variant {
  Base base = Base::kScratch;
  std::optional<Isa> isa;         // of machine code: not of interpreted modules
  std::optional<bool> wasm_simd;  // of modules
  std::optional<int> aot_level;   // of ahead-of-time code: 0 to 3

  auto operator<=>(const Variant&) const = default;
};

/// What is left of a choice for one kind of artefact: factors that do not apply are nullopt, those missing have their
/// default, and modules stand on scratch alone: they need nothing below them.
Variant variant_of(ArtefactKind kind, const Variant& choice = {});

/// "scratch-baseline", "scratch-baseline-simd-O3": what applies, in one word for file names. SIMD is named when it is
/// on.
std::string label_of(const Variant& variant);

/// {"base":"scratch","isa":"baseline","wasm_simd":null,"aot_level":null}: as factors of a cell.
nlohmann::ordered_json factors_of(const Variant& variant);
/// What factors_of wrote, other keys ignored. Throws nlohmann's exceptions, or std::bad_optional_access on an unknown
/// word.
Variant variant_from_json(const nlohmann::json& factors);

/// What of a cell's factors was built otherwise than by default: "", "debian-slim", "native-isa simd O0". Of a run that
/// has no such factors,
/// "". For tables, beside the runtime's name.
std::string built_otherwise(const nlohmann::ordered_json& factors);

/// "off", "on": the spelling of wasm_simd everywhere.
constexpr const char* name_of_simd(bool on) { return on ? "on" : "off"; }

}  // namespace lumos
