#include "control/build/storage_tools.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "base/file.h"
#include "tests/support/fake_command_runner.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

// Plays cargo.
class FakeCargo {
 public:
  FakeCargo() {
    for (const char* folder : {"functions", "tools/s3-server"}) edit(folder, "one");
    runner.answer = [this](const Command& c) -> Expected<CommandResult> {
      if (fails) return CommandResult{.exit_code = 101, .errors = "no network"};
      const bool client = std::ranges::contains(c.argv, "inputs");
      const fs::path release = target(c) / (client ? "x86_64-unknown-linux-gnu/release" : "release");
      fs::create_directories(release);
      std::ofstream(release / (client ? "storage-client" : "s3-server")) << "program";
      return CommandResult{};
    };
  }
  Expected<StorageTools> make(std::set<std::string> kinds) {
    return make_storage_tools(
        runner, {.repository = folder_.path(), .home = folder_ / "home", .kinds = std::move(kinds), .progress = {}});
  }
  void edit(const std::string& folder, const std::string& text) {
    fs::create_directories(folder_ / folder);
    std::ofstream(folder_ / folder / "main.rs") << text;
  }

  FakeCommandRunner runner;
  bool fails = false;

 private:
  static fs::path target(const Command& c) {
    constexpr std::string_view kName = "CARGO_TARGET_DIR=";
    const auto found = std::ranges::find_if(c.environment, [&](const auto& v) { return v.starts_with(kName); });
    return found->substr(kName.size());
  }
  TemporaryFolder folder_;
};

TEST(StorageTools, AreBuiltOnceForTheirSources) {
  FakeCargo cargo;
  const auto first = cargo.make({"redis", "s3"});
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_EQ(*read_file(first->client), "program");
  EXPECT_EQ(*read_file(first->s3_server), "program");
  EXPECT_EQ(cargo.make({"s3"})->s3_server, first->s3_server);
  EXPECT_EQ(cargo.runner.commands.size(), 2U);
  cargo.edit("tools/s3-server", "two");
  EXPECT_NE(cargo.make({"s3"})->s3_server, first->s3_server);
  EXPECT_EQ(cargo.runner.commands.size(), 3U);
}

TEST(StorageTools, AreOnlyThoseThatAreNeeded) {
  FakeCargo cargo;
  EXPECT_TRUE(cargo.make({})->client.empty());
  EXPECT_TRUE(cargo.runner.commands.empty());
  EXPECT_TRUE(cargo.make({"local", "redis"})->s3_server.empty());
  EXPECT_EQ(cargo.runner.commands.size(), 1U);
}

TEST(StorageTools, ThatCannotBeBuiltQuoteCargoAndAreTriedAgain) {
  FakeCargo cargo;
  cargo.fails = true;
  const auto tools = cargo.make({"redis"});
  ASSERT_FALSE(tools.has_value());
  EXPECT_EQ(tools.error().code, ErrorCode::kEnvironment);
  EXPECT_NE(tools.error().message.find("no network"), std::string::npos);
  cargo.fails = false;
  EXPECT_TRUE(cargo.make({"redis"}).has_value());
}

}  // namespace
}  // namespace lumos
