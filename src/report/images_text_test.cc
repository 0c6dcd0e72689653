#include "report/images_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/results_text.h"
#include "report/text.h"

namespace lumos {
namespace {

using enum ArtefactKind;
using ::testing::HasSubstr;
using ::testing::Not;

Artefact artefact(const std::string& function, ArtefactKind kind, const Variant& choice, std::int64_t image_bytes) {
  return {.id = {function, kind, variant_of(kind, choice)},
          .digest = "sha256:0123456789abcdef0123",
          .image_bytes = image_bytes,
          .unique_bytes = image_bytes % 1'000'000,
          .unpacked_bytes = 2 * image_bytes,
          .build_seconds = 1.25};
}

BuildResult built() {
  BuildResult result{.key = "k", .built = true};
  for (const char* function : {"fibonacci", "noop"}) {
    const std::int64_t more = function[0] == 'n' ? 0 : 100'000;
    result.artefacts.push_back(artefact(function, kNative, {}, 600'000 + more));
    result.artefacts.push_back(artefact(function, kNative, {.base = Base::kDebianSlim}, 30'600'000 + more));
    result.artefacts.push_back(artefact(function, kWasm, {}, 60'000));
    result.artefacts.push_back(artefact(function, kAot, {}, 150'000));
  }
  result.base = BaseImage{.digest = "sha256:b",
                          .layer_bytes = 30'000'000,
                          .unpacked_bytes = 80'000'000,
                          .build_seconds = 7,
                          .packages = {"bash", "libc6"}};
  return result;
}

const std::vector<NodeFootprint> kNodes{
    {.runtime = "sandbox"}, {.runtime = "wasm-aot", .packages = {{"libllvm19", 130'000'000}, {"crun", 900'000}}}};

TEST(Images, EveryImageHasItsSizes) {
  const std::string text = images_text(built(), kNodes);
  EXPECT_THAT(text, HasSubstr("native debian-slim"));
  EXPECT_THAT(text, HasSubstr("native scratch"));
  EXPECT_THAT(text, HasSubstr("61.2 MB"));  // unpacked, on the base
  EXPECT_THAT(text, HasSubstr("one layer that every image on it shares, 30.0 MB compressed"));
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    EXPECT_LE(display_width(text.substr(begin, end - begin)), kResultsWidth);
  }
}

TEST(Images, TheSentenceTellsTheBaseFromWasm) {
  EXPECT_THAT(images_text(built(), kNodes),
              HasSubstr("204 to 205 × the AoT image; of that, 43.9 to 51.0 × is the base, and 4.00 to 4.67 ×"));
}

TEST(Images, WithoutAllFourImagesThereIsNoSentence) {
  BuildResult some = built();
  some.artefacts.erase(some.artefacts.begin() + 1, some.artefacts.end());
  const std::string text = images_text(some, kNodes);
  EXPECT_THAT(text, Not(HasSubstr("of that")));
  EXPECT_THAT(text, HasSubstr("–"));
}

TEST(Images, OtherVariantsAreNamedAndAreNotTakenForTheDefault) {
  BuildResult other;
  other.artefacts = {artefact("noop", kAot, {.isa = Isa::kNative, .wasm_simd = true, .aot_level = 0}, 1),
                     artefact("noop", kNative, {.isa = Isa::kNative}, 2)};
  EXPECT_THAT(images_text(other, {}), HasSubstr("aot native-isa simd O0"));
  EXPECT_THAT(images_text(other, {}), HasSubstr("native scratch native-isa"));
  const auto sizes = sizes_of(other.artefacts);
  ASSERT_EQ(sizes.size(), 1u);
  EXPECT_EQ(sizes[0].aot, std::nullopt);
  EXPECT_EQ(sizes[0].scratch, std::nullopt);
}

TEST(Images, ANodeIsTheSumOfItsPackages) {
  EXPECT_THAT(images_text(built(), kNodes), HasSubstr("131 MB  libllvm19 130 MB, 1 smaller 900 kB"));
}

TEST(Images, AsJsonEverythingIsExact) {
  const auto json = nlohmann::json::parse(images_json(built(), kNodes));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["artefacts"].size(), 8u);
  EXPECT_EQ(json["artefacts"][1]["base"], "debian-slim");
  EXPECT_EQ(json["artefacts"][1]["unique_bytes"], 700'000);
  EXPECT_EQ(json["base"]["layer_bytes"], 30'000'000);
  EXPECT_EQ(json["nodes"][1]["bytes"], 130'900'000);
  EXPECT_EQ(json["sizes"][1], (nlohmann::json{{"function", "noop"},
                                              {"native_debian_slim", 30'600'000},
                                              {"native_scratch", 600'000},
                                              {"wasm", 60'000},
                                              {"aot", 150'000}}));
  EXPECT_EQ(nlohmann::json::parse(images_json(BuildResult{}, {}))["base"], nullptr);
}

}  // namespace
}  // namespace lumos
