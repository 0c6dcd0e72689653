#include "control/build/builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/fake_tools.h"

namespace lumos {
namespace {

using enum ArtefactKind;
using ::testing::Contains;
using ::testing::HasSubstr;

const ArtefactId kNoopNative{"noop", kNative, variant_of(kNative)};
const ArtefactId kNoopSlim{"noop", kNative, variant_of(kNative, {.base = Base::kDebianSlim})};
const ArtefactId kNoopAot{"noop", kAot, variant_of(kAot)};

TEST(BuildFunctions, MakesTheDefaultArtefactsAndTheirImages) {
  FakeTools tools;
  const auto result = tools.build(default_artefacts({"noop"}));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_TRUE(result->built);
  ASSERT_EQ(result->artefacts.size(), 4u);
  const Artefact* aot = find_artefact(result->artefacts, kNoopAot);
  ASSERT_NE(aot, nullptr);
  EXPECT_EQ(aot->bytes, 16);
  EXPECT_EQ(aot->file_digest, sha256("module with code"));
  EXPECT_EQ(aot->digest, "sha256:d");
  EXPECT_EQ(aot->argv(), std::vector<std::string>{"/function.wasm"});
  EXPECT_TRUE(std::filesystem::exists(aot->file()));
}

TEST(BuildFunctions, MakesOnlyWhatIsWanted) {
  FakeTools tools;
  ASSERT_TRUE(tools.build({kNoopNative, kNoopNative}).has_value());
  EXPECT_EQ(tools.count("cargo"), 2);  // what functions share, then the function
  EXPECT_EQ(tools.count("wasmedge"), 0);
  EXPECT_FALSE(std::filesystem::exists(tools.home() / "artefacts" / "bases"));
}

TEST(BuildFunctions, ArtefactsOfOneCompilationShareIt) {
  FakeTools tools;
  ASSERT_TRUE(tools.build({kNoopNative, kNoopSlim}).has_value());
  EXPECT_EQ(tools.count("cargo"), 2);
  const ArtefactId simd{"noop", kAot, variant_of(kAot, {.wasm_simd = true})},
      level{"noop", kAot, variant_of(kAot, {.aot_level = 0})};
  ASSERT_TRUE(tools.build({kNoopAot, level, simd}).has_value());
  EXPECT_EQ(tools.count("cargo"), 6);  // the module without SIMD once, and with it
  EXPECT_EQ(tools.count("wasmedge"), 3);
}

TEST(BuildFunctions, UnchangedSourcesRebuildNothingAndChangedOnesDo) {
  FakeTools tools;
  const std::string key = tools.build({kNoopNative})->key;
  const std::size_t commands = tools.runner.commands.size();
  const auto again = tools.build({kNoopNative});
  EXPECT_FALSE(again->built);
  EXPECT_EQ(again->key, key);
  EXPECT_EQ(tools.runner.commands.size(), commands + 1);  // only the tools' versions are asked
  tools.edit();
  const auto changed = tools.build({kNoopNative});
  EXPECT_TRUE(changed->built);
  EXPECT_NE(changed->key, key);
}

TEST(BuildFunctions, AnotherVariantIsMadeBesideTheFirst) {
  FakeTools tools;
  ASSERT_TRUE(tools.build({kNoopNative}).has_value());
  const auto both = tools.build({kNoopNative, {"noop", kNative, variant_of(kNative, {.isa = Isa::kNative})}});
  ASSERT_TRUE(both.has_value());
  EXPECT_TRUE(both->built);
  EXPECT_NE(both->artefacts[0].folder, both->artefacts[1].folder);
  EXPECT_EQ(tools.count("cargo"), 4);
}

TEST(BuildFunctions, AnImageOnABaseIsUniqueByWhatIsNotTheBase) {
  FakeTools tools;
  const auto result = tools.build({kNoopNative, kNoopSlim});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  ASSERT_TRUE(result->base.has_value());
  EXPECT_EQ(result->base->layer_bytes, 5000);
  const Artefact* slim = find_artefact(result->artefacts, kNoopSlim);
  EXPECT_EQ(slim->image_bytes - slim->unique_bytes, 5000);
  EXPECT_EQ(find_artefact(result->artefacts, kNoopNative)->unique_bytes,
            find_artefact(result->artefacts, kNoopNative)->image_bytes);
  EXPECT_TRUE(std::filesystem::exists(slim->root() / "etc/passwd"));
  EXPECT_TRUE(std::filesystem::exists(slim->root() / "function"));
}

TEST(BuildFunctions, ChangedPackagesOfTheBaseMakeANewImageOnItAlone) {
  FakeTools tools;
  ASSERT_TRUE(tools.build({kNoopNative, kNoopSlim}).has_value());
  tools.upgrade_base();
  EXPECT_FALSE(tools.build({kNoopNative})->built);
  EXPECT_TRUE(tools.build({kNoopSlim})->built);
}

TEST(BuildFunctions, AFailedBuildSaysWhyAndLeavesNothingThatLooksWhole) {
  for (const char* tool : {"cargo", "cc", "wasmedge", "umoci"}) {
    FakeTools tools;
    tools.broken_tool = tool;
    const auto failed = tools.build({kNoopAot});
    ASSERT_FALSE(failed.has_value()) << tool;
    EXPECT_THAT(failed.error().message, HasSubstr("no space left"));
    tools.broken_tool.clear();
    EXPECT_TRUE(tools.build({kNoopAot})->built);
  }
}

TEST(BuildFunctions, AheadOfTimeCodeThatWouldNotBeForTheBaselineIsRefused) {
  FakeTools tools;
  tools.loader_ignores_library = true;
  const auto refused = tools.build({kNoopAot});
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("for this processor alone"));
  EXPECT_TRUE(tools.build({{"noop", kAot, variant_of(kAot, {.isa = Isa::kNative})}}).has_value());
}

TEST(Artefacts, ABrokenDescriptionIsAnErrorNotACrash) {
  for (const char* bad : {"", "{}", "[]", "null", R"({"function":"a","kind":"jar"})",
                          R"({"function":"a","kind":"aot","base":"alpine"})"}) {
    EXPECT_FALSE(artefact_from_json(bad, "/x").has_value()) << bad;
  }
}

TEST(Artefacts, ReadsBackWhatItWroteInWhicheverFolderItLies) {
  const Artefact a{.id = kNoopSlim,
                   .folder = "/old/home",
                   .bytes = 7,
                   .digest = "sha256:d",
                   .image_bytes = 9,
                   .unique_bytes = 4,
                   .unpacked_bytes = 8,
                   .build_seconds = 1.5};
  const auto read = artefact_from_json(to_json(a).dump(), "/new/home");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->id, a.id);
  EXPECT_EQ(read->root(), "/new/home/bundle/rootfs");
  EXPECT_EQ(read->unique_bytes, 4);
  EXPECT_EQ(read->build_seconds, 1.5);
}

}  // namespace
}  // namespace lumos
