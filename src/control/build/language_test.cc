#include "control/build/language.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

using enum ArtefactKind;
using ::testing::Contains;
using ::testing::Not;

class Languages : public testing::Test {
 protected:
  Languages() {
    put("mine/main.cc");
    put("mine/work.cc");
    put("mine/test.cc");
    put("mine/work_test.cc");
    put("rusty/Cargo.toml");
  }
  void put(const std::string& file) const {
    std::filesystem::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file) << "x";
  }
  static ArtefactId id_of(ArtefactKind kind, const Variant& choice = {}) {
    return {"mine", kind, variant_of(kind, choice)};
  }
  lumos::Workspace workspace() const { return {.functions = folder_.path(), .home = "/home/l"}; }
  Command compile(const ArtefactId& id) const { return find_language("cpp")->compile(workspace(), id); }

  TemporaryFolder folder_;
};

TEST_F(Languages, AFunctionsFolderSaysItsLanguage) {
  EXPECT_EQ(language_of(workspace(), "mine").name, "cpp");
  EXPECT_EQ(language_of(workspace(), "rusty").name, "rust");
  EXPECT_EQ(language_of(workspace(), "nowhere").name, "rust");
  EXPECT_EQ(find_language("cobol"), nullptr);
}

TEST_F(Languages, EveryFactorOfTheCodeHasItsFlag) {
  EXPECT_THAT(compile(id_of(kNative)).argv, Contains(std::string("-march=") + kBaselineProcessor));
  EXPECT_THAT(compile(id_of(kNative)).argv, Contains("-static"));
  EXPECT_THAT(compile(id_of(kNative, {.isa = Isa::kNative})).argv, Contains("-march=native"));
  EXPECT_THAT(compile(id_of(kWasm)).argv, Contains("--target=wasm32-wasi"));
  EXPECT_THAT(compile(id_of(kWasm)).argv, Not(Contains("-msimd128")));
  EXPECT_THAT(compile(id_of(kAot, {.wasm_simd = true})).argv, Contains("-msimd128"));
}

TEST_F(Languages, SourcesAreNamedAsInEveryCheckoutAndTestsAreNone) {
  const Command command = compile(id_of(kWasm));
  EXPECT_EQ(command.folder, workspace().functions);
  EXPECT_THAT(command.argv, Contains("mine/main.cc"));
  EXPECT_THAT(command.argv, Contains("mine/work.cc"));
  EXPECT_THAT(command.argv, Not(Contains(testing::HasSubstr("test.cc"))));
}

TEST_F(Languages, BuildsThatDifferInTheirFlagsDoNotShareAFile) {
  const Language& cpp = *find_language("cpp");
  EXPECT_NE(cpp.output(workspace(), id_of(kWasm)), cpp.output(workspace(), id_of(kWasm, {.wasm_simd = true})));
  EXPECT_NE(cpp.output(workspace(), id_of(kNative)), cpp.output(workspace(), id_of(kNative, {.isa = Isa::kNative})));
  EXPECT_EQ(cpp.output(workspace(), id_of(kAot, {.isa = Isa::kNative})), cpp.output(workspace(), id_of(kWasm)));
}

}  // namespace
}  // namespace lumos
