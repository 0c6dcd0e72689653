#include "record/variant.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

constexpr Variant kEverything{.base = Base::kDebianSlim, .isa = Isa::kNative, .wasm_simd = true, .aot_level = 1};

TEST(Variant, KeepsOfAChoiceWhatAppliesToTheKind) {
  EXPECT_EQ(label_of(variant_of(ArtefactKind::kNative, kEverything)), "debian-slim-native");
  EXPECT_EQ(label_of(variant_of(ArtefactKind::kWasm, kEverything)),
            "scratch-simd");  // a module has no use for a userland
  EXPECT_EQ(label_of(variant_of(ArtefactKind::kAot, kEverything)), "scratch-native-simd-O1");
}

TEST(Variant, WhatIsNotChosenHasItsDefault) {
  EXPECT_EQ(label_of(variant_of(ArtefactKind::kNative)), "scratch-baseline");
  EXPECT_EQ(label_of(variant_of(ArtefactKind::kWasm)), "scratch");
  EXPECT_EQ(label_of(variant_of(ArtefactKind::kAot)), "scratch-baseline-O3");
}

TEST(Variant, AsFactorsEveryOneIsNamedAndNullWhereItDoesNotApply) {
  EXPECT_EQ(factors_of(variant_of(ArtefactKind::kNative)).dump(),
            R"({"base":"scratch","isa":"baseline","wasm_simd":null,"aot_level":null})");
  EXPECT_EQ(factors_of(variant_of(ArtefactKind::kWasm)).dump(),
            R"({"base":"scratch","isa":null,"wasm_simd":"off","aot_level":null})");
  EXPECT_EQ(factors_of(variant_of(ArtefactKind::kAot, kEverything)).dump(),
            R"({"base":"scratch","isa":"native","wasm_simd":"on","aot_level":1})");
}

TEST(BuiltOtherwise, NamesOnlyWhatIsNotTheDefault) {
  for (const ArtefactKind kind : {ArtefactKind::kNative, ArtefactKind::kWasm, ArtefactKind::kAot}) {
    EXPECT_EQ(built_otherwise(factors_of(variant_of(kind))), "");
  }
  EXPECT_EQ(built_otherwise(factors_of(variant_of(ArtefactKind::kNative, kEverything))), "debian-slim native-isa");
  EXPECT_EQ(built_otherwise(factors_of(variant_of(ArtefactKind::kAot, kEverything))), "native-isa simd O1");
  EXPECT_EQ(built_otherwise({{"function", "noop"}}), "");
}

TEST(Variant, ReadsBackWhatItWrote) {
  for (const ArtefactKind kind : {ArtefactKind::kNative, ArtefactKind::kWasm, ArtefactKind::kAot}) {
    for (const Variant& choice : {Variant{}, kEverything}) {
      EXPECT_EQ(variant_from_json(factors_of(variant_of(kind, choice))), variant_of(kind, choice));
    }
  }
  EXPECT_ANY_THROW(variant_from_json(nlohmann::json::object()));
  EXPECT_ANY_THROW(
      variant_from_json({{"base", "alpine"}, {"isa", nullptr}, {"wasm_simd", nullptr}, {"aot_level", nullptr}}));
}

}  // namespace
}  // namespace lumos
