#include "control/build/given_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "tests/support/fake_command_runner.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

#if defined(__aarch64__)
constexpr const char *kOurs = "arm64", *kOthers = "amd64";
#else
constexpr const char *kOurs = "amd64", *kOthers = "arm64";
#endif

// A layout, and umoci played: it unpacks one file and says how it is started.
class Layout : public testing::Test {
 protected:
  Layout() {
    runner_.answer = [](const Command& c) {
      put(fs::path(c.argv.back()) / "rootfs/srv", "program");
      put(fs::path(c.argv.back()) / "config.json",
          R"({"process":{"args":["/srv","-x"],"env":["A=1","broken"],"cwd":"/w","user":{"uid":7,"gid":8}}})");
      return CommandResult{};
    };
  }

  static void put(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::string blob(const std::string& text) const {
    put(folder_ / ("layout/blobs/sha256/" + sha256(text)), text);
    return "sha256:" + sha256(text);
  }
  std::string image(const std::string& architecture) const {
    const std::string config = blob(R"({"architecture":")" + architecture + "\"}");
    return blob(R"({"config":{"digest":")" + config + R"(","size":100},"layers":[{"size":1000},{"size":23}]})");
  }
  void index(const std::string& manifests) const {
    put(folder_ / "layout/index.json", R"({"manifests":[)" + manifests + "]}");
  }
  static std::string entry(const std::string& digest, const std::string& more = "") {
    return R"({"digest":")" + digest + "\"" + more + "}";
  }
  static std::string tagged(const std::string& tag) {
    return R"(,"annotations":{"org.opencontainers.image.ref.name":")" + tag + "\"}";
  }
  Expected<Artefact> unpack(const std::string& tag = "") {
    return unpack_image(runner_, folder_ / "layout", tag, {"shop", ArtefactKind::kNative, {}}, folder_ / "home");
  }
  std::string refused(const std::string& tag = "") {
    const auto artefact = unpack(tag);
    return artefact ? "accepted" : artefact.error().message;
  }

  TemporaryFolder folder_;
  FakeCommandRunner runner_;
};

TEST_F(Layout, AnImageIsUnpackedOnceAndSaysHowItIsStarted) {
  index(entry(image(kOurs)));
  const auto made = unpack();
  ASSERT_TRUE(made.has_value()) << made.error().message;
  const auto found = unpack();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(runner_.commands.size(), 1U);
  for (const auto& a : {*made, *found}) {
    EXPECT_EQ(a.argv(), (std::vector<std::string>{"/srv", "-x"}));
    EXPECT_EQ(a.process->environment, std::vector<std::string>{"A=1"});
    EXPECT_EQ(a.process->folder, "/w");
    EXPECT_EQ(a.process->uid * 10 + a.process->gid, 78U);
    EXPECT_EQ(a.image_bytes,
              1123 + static_cast<std::int64_t>(fs::file_size(folder_ / ("layout/blobs/sha256/" + a.digest.substr(7)))));
    EXPECT_FALSE(a.file_digest.empty());
  }
}

TEST_F(Layout, ALayoutThatMovedIsFoundWhereItIsNow) {
  index(entry(image(kOurs)));
  ASSERT_TRUE(unpack().has_value());
  fs::rename(folder_ / "layout", folder_ / "moved");
  const auto found =
      unpack_image(runner_, folder_ / "moved", "", {"shop", ArtefactKind::kNative, {}}, folder_ / "home");
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(runner_.commands.size(), 1U) << "it is unpacked";
  EXPECT_TRUE(fs::exists(found->layout() / "blobs/sha256" / found->digest.substr(7)));
}

TEST_F(Layout, OfSeveralImagesOneIsNamed) {
  index(entry(image(kOurs), tagged("v1")) + "," + entry(image("riscv64"), tagged("v2")));
  EXPECT_TRUE(unpack("v1").has_value());
  EXPECT_THAT(refused(), HasSubstr("holds several images: name one, as in oci:DIR:TAG; tags: v1, v2"));
  EXPECT_THAT(refused("v3"), HasSubstr("holds no image 'v3'"));
  EXPECT_THAT(refused("v2"), HasSubstr("is an image for riscv64"));
}

TEST_F(Layout, OfSeveralPlatformsItIsThisOne) {
  const auto platform = [](const char* name) { return std::string(R"(,"platform":{"architecture":")") + name + "\"}"; };
  const std::string all = blob(R"({"manifests":[)" + entry(image(kOthers), platform(kOthers)) + "," +
                               entry(image(kOurs), platform(kOurs)) + "]}");
  index(entry(all, R"(,"mediaType":"application/vnd.oci.image.index.v1+json")"));
  const auto artefact = unpack();
  ASSERT_TRUE(artefact.has_value()) << artefact.error().message;
  EXPECT_EQ(artefact->digest, image(kOurs));
}

TEST_F(Layout, WhatIsNoLayoutIsRefusedByName) {
  EXPECT_THAT(refused(), HasSubstr("layout/index.json"));
  for (const char* bad : {"", "[]", "{}", R"({"manifests":[1]})", R"({"manifests":[{"digest":"sha256:../x"}]})"}) {
    put(folder_ / "layout/index.json", bad);
    EXPECT_THAT(refused(), HasSubstr("is no index of an OCI image layout")) << bad;
  }
  index(entry(blob("{}")));
  EXPECT_THAT(refused(), HasSubstr("holds no manifest of an OCI image"));
  index(entry("sha256:" + std::string(64, 'a')));
  EXPECT_THAT(refused(), HasSubstr(std::string(64, 'a')));
}

TEST(ImageProcess, WhatCannotBeStartedIsRefused) {
  for (const char* bad : {"", "{}", R"({"process":{"args":[],"user":{}}})", R"({"process":{"args":[""],"user":{}}})",
                          R"({"process":{"args":[1],"user":{}}})", R"({"process":{"args":["a"]}})",
                          R"({"process":{"args":["a"],"user":{"uid":"root"}}})"})
    EXPECT_FALSE(parse_process(bad).has_value()) << bad;
}

}  // namespace
}  // namespace lumos
