#include "control/build/builder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "tests/support/fake_command_runner.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

// Plays cargo, wasmedge and umoci: makes the files that they would make.
class FakeTools {
 public:
  FakeTools() {
    fs::create_directories(folder_ / "functions/noop");
    EXPECT_TRUE(write_file(folder_ / "functions/noop/main.rs", "fn main() {}").has_value());
    runner.answer = [this](const Command& c) { return play(c); };
  }

  Expected<BuildResult> build() {
    return build_functions(runner, {.functions = folder_ / "functions", .home = folder_ / "home", .names = {"noop"}});
  }
  void edit() { EXPECT_TRUE(write_file(folder_ / "functions/noop/main.rs", "fn main() { todo }").has_value()); }

  FakeCommandRunner runner;
  std::string broken_tool;

 private:
  static void put(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  Expected<CommandResult> play(const Command& c) {
    if (c.argv[0] == broken_tool) return CommandResult{.exit_code = 1, .errors = "no space left"};
    if (c.argv[0] == "cargo") {
      const bool wasm = c.argv.back() == "wasm32-wasip1";
      put(folder_ / "home/build/functions" / c.argv.back() / "release" / (wasm ? "noop.wasm" : "noop"), wasm ? "module" : "binary");
    }
    if (c.argv[0] == "wasmedge") put(c.argv.back(), "module with code");
    if (c.argv[0] == "umoci" && c.argv[1] == "init") {
      put(fs::path(c.argv[3]) / "index.json", R"({"manifests":[{"digest":"sha256:d"}]})");
      put(fs::path(c.argv[3]) / "blobs/sha256/d", "12345");
    }
    return CommandResult{};
  }

  TemporaryFolder folder_;
};

TEST(BuildFunctions, MakesThreeArtefactsAndTheirImages) {
  FakeTools tools;
  const auto result = tools.build();
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_TRUE(result->built);
  ASSERT_EQ(result->artefacts.size(), 3u);
  const Artefact* aot = find_artefact(result->artefacts, "noop", ArtefactKind::kAot);
  ASSERT_NE(aot, nullptr);
  EXPECT_EQ(aot->bytes, 16);
  EXPECT_EQ(aot->file_digest, sha256("module with code"));
  EXPECT_EQ(aot->image_bytes, 5);
  EXPECT_EQ(aot->digest, "sha256:d");
  EXPECT_EQ(aot->argv(), std::vector<std::string>{"/function.wasm"});
}

TEST(BuildFunctions, UnchangedSourcesRebuildNothingAndChangedOnesDo) {
  FakeTools tools;
  const std::string key = tools.build()->key;
  const std::size_t commands = tools.runner.commands.size();
  const auto again = tools.build();
  EXPECT_FALSE(again->built);
  EXPECT_EQ(again->key, key);
  EXPECT_EQ(tools.runner.commands.size(), commands + 1);  // only the tools' versions are asked
  tools.edit();
  const auto changed = tools.build();
  EXPECT_TRUE(changed->built);
  EXPECT_NE(changed->key, key);
}

TEST(BuildFunctions, AFailedBuildSaysWhyAndLeavesNothingThatLooksWhole) {
  FakeTools tools;
  tools.broken_tool = "wasmedge";
  const auto failed = tools.build();
  ASSERT_FALSE(failed.has_value());
  EXPECT_NE(failed.error().message.find("no space left"), std::string::npos);
  tools.broken_tool.clear();
  EXPECT_TRUE(tools.build()->built);
}

TEST(Artefacts, ABrokenListIsAnErrorNotACrash) {
  for (const char* bad : {"", "{}", "[]", R"({"artefacts":[{}]})", R"({"artefacts":[{"function":"a","kind":"jar"}]})"}) {
    EXPECT_FALSE(artefacts_from_json(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace lumos
