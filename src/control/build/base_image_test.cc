#include "control/build/base_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "tests/support/fake_tools.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const Command* find_command(const FakeTools& tools, const std::string& tool, const std::string& word) {
  for (const auto& c : tools.runner.commands) {
    if (c.argv[0] == tool && std::ranges::contains(c.argv, word)) return &c;
  }
  return nullptr;
}

Expected<BaseImage> make(FakeTools& tools) {
  const auto recipe = debian_slim_recipe(tools.runner);
  EXPECT_TRUE(recipe.has_value());
  return make_debian_slim(tools.runner, *recipe, tools.home(), tools.system());
}

TEST(DebianSlim, IsOneLayerOfThePackagesFilesWithFixedTimes) {
  FakeTools tools;
  const auto base = make(tools);
  ASSERT_TRUE(base.has_value()) << base.error().message;
  EXPECT_EQ(base->layer_bytes, 5000);
  EXPECT_EQ(base->packages, std::vector<std::string>{"base"});
  const Command* tar = find_command(tools, "tar", "--create");
  ASSERT_NE(tar, nullptr);
  EXPECT_EQ(tar->input, std::string("usr\0usr/bin\0usr/bin/tool\0", 25));
  EXPECT_TRUE(std::ranges::contains(tar->argv, "--mtime=@0"));
  EXPECT_TRUE(std::ranges::contains(tar->argv, "--numeric-owner"));
  const Command* skeleton = find_command(tools, "tar", "--append");
  ASSERT_NE(skeleton, nullptr);
  for (const char* path : {"etc/passwd", "tmp", "proc", "var/lib/dpkg/status"})
    EXPECT_THAT(skeleton->input, HasSubstr(path));
  EXPECT_FALSE(fs::exists(base->folder / "layer.tar"));
}

TEST(DebianSlim, LeavesOutWhatDebiansSlimImagesLeaveOut) {
  FakeTools tools;
  for (const char* path : {"usr/share/man/man1/tool.1", "usr/share/doc/tool/README", "usr/share/doc/tool/copyright",
                           "usr/share/locale/de/tool.mo", "opt/mine"}) {
    fs::create_directories((tools.system() / path).parent_path());
    std::ofstream(tools.system() / path) << "x";
  }
  fs::create_symlink("usr/bin", tools.system() / "bin");
  const auto others = tools.runner.answer;
  tools.runner.answer = [&](const Command& c) -> Expected<CommandResult> {
    if (c.argv[0] != "dpkg-query" || c.argv.size() < 4 || !c.argv[3].contains("db-fsys")) return others(c);
    return CommandResult{.output =
                             "base\n /.\n /bin\n /bin/tool\n /usr/share/man/man1/tool.1\n /usr/share/doc/tool/README\n "
                             "/usr/share/doc/tool/copyright\n"
                             " /usr/share/locale/de/tool.mo\n /opt/mine\n /usr/gone\n"};
  };
  ASSERT_TRUE(make(tools).has_value());
  // The link itself, the file behind it by its real path, the copyright notice; nothing below a folder that is mounted
  // over.
  EXPECT_EQ(find_command(tools, "tar", "--create")->input,
            std::string("bin\0usr/bin/tool\0usr/share/doc/tool/copyright\0", 46));
}

TEST(DebianSlim, IsMadeOnceForTheSamePackages) {
  FakeTools tools;
  ASSERT_TRUE(make(tools).has_value());
  const auto commands = tools.runner.commands.size();
  const auto again = make(tools);
  EXPECT_EQ(tools.runner.commands.size(), commands + 1);  // what is installed
  EXPECT_EQ(again->layer_bytes, 5000);
  tools.upgrade_base();
  const auto upgraded = make(tools);
  EXPECT_NE(upgraded->key, again->key);
  EXPECT_NE(upgraded->folder, again->folder);
}

TEST(DebianSlim, AHalfMadeOneIsMadeAgain) {
  FakeTools tools;
  tools.broken_tool = "umoci";
  ASSERT_FALSE(make(tools).has_value());
  tools.broken_tool.clear();
  EXPECT_TRUE(make(tools).has_value());
}

TEST(DebianSlim, ADamagedDescriptionIsAnErrorNotACrash) {
  FakeTools tools;
  const auto base = make(tools);
  std::ofstream(base->folder / "base.json") << "{";
  EXPECT_FALSE(make(tools).has_value());
}

}  // namespace
}  // namespace lumos
