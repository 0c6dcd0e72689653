#include "control/build/toolchain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lumos {
namespace {

using enum ArtefactKind;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Workspace kWorkspace{.functions = "/repo/functions", .home = "/home/l"};

ArtefactId id_of(ArtefactKind kind, const Variant& choice = {}) { return {"noop", kind, variant_of(kind, choice)}; }

std::string flags_of(const ArtefactId& id) {
  for (const auto& entry : cargo_command(kWorkspace, id, "noop").environment) {
    if (entry.starts_with("CARGO_ENCODED_RUSTFLAGS=")) return entry;
  }
  return "";
}

TEST(Cargo, EveryFactorOfTheCodeHasItsFlag) {
  const std::string baseline = std::string("target-cpu=") + kBaselineProcessor;
  EXPECT_THAT(flags_of(id_of(kNative)), HasSubstr(baseline));
  EXPECT_THAT(flags_of(id_of(kNative)), HasSubstr("crt-static"));
  EXPECT_THAT(flags_of(id_of(kNative, {.isa = Isa::kNative})), HasSubstr("target-cpu=native"));
  EXPECT_THAT(flags_of(id_of(kWasm)), Not(HasSubstr("simd128")));
  EXPECT_THAT(flags_of(id_of(kWasm, {.wasm_simd = true})), HasSubstr("target-feature=+simd128"));
  EXPECT_THAT(flags_of(id_of(kWasm)), HasSubstr("linker=wasm-ld-19"));
  EXPECT_THAT(flags_of(id_of(kAot, {.isa = Isa::kNative})),
              Not(HasSubstr("target-cpu")));  // a module is the same for every processor
}

TEST(Cargo, NoPathOfThisMachineIsInTheResult) {
  for (const auto kind : {kNative, kWasm, kAot}) {
    EXPECT_THAT(
        flags_of(id_of(kind)),
        HasSubstr("--remap-path-prefix=/home/l/cargo=/cargo\x1f--remap-path-prefix=/repo/functions=/functions"));
  }
}

TEST(Cargo, BuildsThatDifferInTheirFlagsDoNotShareATarget) {
  EXPECT_EQ(cargo_build_name(id_of(kNative, {.base = Base::kDebianSlim})), "native-baseline");
  EXPECT_EQ(cargo_build_name(id_of(kNative, {.isa = Isa::kNative})), "native-native");
  EXPECT_EQ(cargo_build_name(id_of(kAot, {.isa = Isa::kNative, .aot_level = 0})), "wasm");
  EXPECT_EQ(cargo_build_name(id_of(kWasm, {.wasm_simd = true})), "wasm-simd");
  EXPECT_EQ(cargo_output(kWorkspace, id_of(kWasm)), "/home/l/build/functions/wasm/wasm32-wasip1/release/noop.wasm");
}

TEST(AheadOfTime, TheBaselineIsImposedAndTheHostIsNot) {
  const Command baseline = aot_command(id_of(kAot), "/a folder/l.so", "/m.wasm", "/o.wasm");
  EXPECT_THAT(baseline.environment, Contains("LD_PRELOAD=./l.so"));
  EXPECT_EQ(baseline.folder, "/a folder");
  EXPECT_EQ(baseline.argv, (std::vector<std::string>{"wasmedge", "compile", "--optimize", "3", "/m.wasm", "/o.wasm"}));
  const Command native = aot_command(id_of(kAot, {.isa = Isa::kNative, .aot_level = 0}), "", "/m.wasm", "/o.wasm");
  EXPECT_THAT(native.environment, IsEmpty());
  EXPECT_THAT(native.argv, Contains("0"));
}

TEST(AheadOfTime, TheLibraryNamesTheProcessorThatRustcIsGiven) {
  EXPECT_THAT(baseline_library_source(), HasSubstr(kBaselineProcessor));
  EXPECT_THAT(baseline_library_source(), HasSubstr(kBaselineFeatures));
  EXPECT_TRUE(baseline_took_effect({.errors = "x\nlumos: compiling for the baseline processor\n"}));
  EXPECT_FALSE(
      baseline_took_effect({.errors = "ERROR: ld.so: object '/l.so' from LD_PRELOAD cannot be preloaded: ignored."}));
}

}  // namespace
}  // namespace lumos
