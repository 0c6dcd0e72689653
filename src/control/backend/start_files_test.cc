#include "control/backend/start_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/fake_command_runner.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

using ::testing::UnorderedElementsAre;

Cell cell_with(const char* cache, const char* runtime_cache) {
  const auto word = [](const char* state) { return state ? nlohmann::ordered_json(state) : nullptr; };
  return {.factors = {{"cache", word(cache)}, {"runtime_cache", word(runtime_cache)}}};
}

class StartFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_ / "root/usr");
    ASSERT_TRUE(write_file(folder_ / "root/function", std::string(10'000, 'x')));
    ASSERT_TRUE(write_file(folder_ / "root/usr/data", "y"));
    ASSERT_TRUE(write_file(folder_ / "secret", "z"));
    std::filesystem::create_symlink(folder_ / "secret", folder_ / "root/link");
    std::filesystem::create_directory_symlink(folder_.path(), folder_ / "root/up");
    files_ = start_files(runner_, folder_ / "root", {}).value();
    files_.runtime.own = {folder_ / "secret"};
  }

  TemporaryFolder folder_;
  FakeCommandRunner runner_;
  StartFiles files_;
};

TEST_F(StartFilesTest, AreTheRegularFilesOfTheImageAndNothingThatALinkPointsAt) {
  EXPECT_THAT(files_.image, UnorderedElementsAre(folder_ / "root/function", folder_ / "root/usr/data"));
}

TEST_F(StartFilesTest, ImageAndRuntimeHaveTheirOwnStates) {
  const CacheUse use = set_cache(files_, cell_with("memory", "memory"));
  EXPECT_EQ(use.image_pages, 4);
  EXPECT_EQ(use.image_pages_cached, 4);
  EXPECT_EQ(use.runtime_pages, 1);
  EXPECT_EQ(use.runtime_pages_cached, 1);
  EXPECT_EQ(use.exception, "");
  const CacheUse image_only = set_cache(files_, cell_with("memory", nullptr));
  EXPECT_EQ(image_only.image_pages, 4);
  EXPECT_EQ(image_only.runtime_pages, std::nullopt);
}

TEST_F(StartFilesTest, AWarmCellHasNone) {
  for (const Cell& cell : {cell_with(nullptr, nullptr), Cell{}}) {
    const CacheUse use = set_cache(files_, cell);
    EXPECT_EQ(use.image_pages, std::nullopt);
    EXPECT_EQ(use.runtime_pages, std::nullopt);
  }
}

TEST_F(StartFilesTest, WhatIsMissingIsNamed) {
  files_.runtime.own.push_back("/no/such/library");
  EXPECT_EQ(set_cache(files_, cell_with("memory", "memory")).exception, "/no/such/library");
}

TEST_F(StartFilesTest, TheManifestNamesThem) {
  files_.runtime.shared = {"/lib/libc.so"};
  EXPECT_EQ(to_json(files_.runtime).dump(),
            std::format(R"({{"bytes":1,"own":["{}"],"shared":["/lib/libc.so"]}})", (folder_ / "secret").string()));
}

}  // namespace
}  // namespace lumos
