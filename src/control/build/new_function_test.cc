#include "control/build/new_function.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kManifest = "[workspace]\nmembers = [\n    \"fibonacci\",\n    \"noop\",\n]\n";
constexpr const char* kLock =
    "version = 4\n\n[[package]]\nname = \"noop\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"prost\"\nversion = "
    "\"1\"\n\n[[package]]\nname = \"sdk\"\nversion = \"0.2.0\"\n\n[[package]]\nname = \"serde\"\nversion = "
    "\"1\"\n\n[[package]]\nname = \"serde_json\"\nversion = \"1\"\n";

class Workspace {
 public:
  Workspace() {
    put("Cargo.toml", kManifest);
    put("Cargo.lock", kLock);
    put("templates/rust/Cargo.toml", "name = \"@name@\"\n");
    put("templates/rust/src/main.rs", "sdk::serve(@identifier@::answer)\n");
    put("templates/rust/function.json", "{\"name\": \"@name@\"}\n");
    put("templates/cpp/main.cc", "// @name@\n");
    put("templates/cpp/function.json", "{\"name\": \"@name@\"}\n");
  }
  void put(const std::string& file, const std::string& text) const {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file) << text;
  }
  std::string read(const std::string& file) const { return read_file(folder_ / file).value_or(""); }
  const fs::path& path() const { return folder_.path(); }
  auto make(const std::string& name, const std::string& language = "rust") const {
    return make_function({.functions = path(), .name = name, .language = language});
  }

 private:
  TemporaryFolder folder_;
};

TEST(NewFunction, ARustFunctionIsAMemberInItsPlace) {
  const Workspace workspace;
  const auto files = workspace.make("my-own");
  ASSERT_TRUE(files.has_value()) << files.error().message;
  EXPECT_EQ(files->size(), 3U);
  EXPECT_EQ(files->back(), "my-own/function.json");
  EXPECT_EQ(workspace.read("my-own/Cargo.toml"), "name = \"my-own\"\n");
  EXPECT_EQ(workspace.read("my-own/src/main.rs"), "sdk::serve(my_own::answer)\n");
  EXPECT_THAT(workspace.read("Cargo.toml"), HasSubstr("    \"fibonacci\",\n    \"my-own\",\n    \"noop\",\n]"));
  EXPECT_THAT(
      workspace.read("Cargo.lock"),
      HasSubstr("[[package]]\nname = \"my-own\"\nversion = \"0.2.0\"\ndependencies = [\n \"prost\",\n \"sdk\",\n "
                "\"serde\",\n \"serde_json\",\n]\n\n[[package]]\nname = \"noop\"\n"));
}

TEST(NewFunction, ACppFunctionTouchesNothingOfCargos) {
  const Workspace workspace;
  ASSERT_TRUE(workspace.make("mine", "cpp").has_value());
  EXPECT_EQ(workspace.read("mine/main.cc"), "// mine\n");
  EXPECT_EQ(workspace.read("Cargo.toml"), kManifest);
  EXPECT_EQ(workspace.read("Cargo.lock"), kLock);
}

TEST(NewFunction, AMemberFindsItsPlaceAtBothEnds) {
  EXPECT_THAT(*with_member(kManifest, "a"), HasSubstr("[\n    \"a\",\n    \"fibonacci\""));
  EXPECT_THAT(*with_member(kManifest, "z"), HasSubstr("    \"noop\",\n    \"z\",\n]"));
  EXPECT_THAT(*with_package(kLock, "z"), testing::EndsWith(" \"serde_json\",\n]\n"));
}

TEST(NewFunction, NamesThatCannotBeAreRefused) {
  for (const char* bad : {"", "A", "my_own", "../x", "a/b", "-a", "a-", "a--b", "1st", "fn", "sdk", "target", "test",
                          "templates", "a b", "a.b", "\xc3\xa4"}) {
    EXPECT_NE(name_problem(bad), "") << bad;
    EXPECT_FALSE(Workspace().make(bad).has_value()) << bad;
  }
  EXPECT_NE(name_problem(std::string(49, 'a')), "");
  for (const char* good : {"a", "my-own", "resize2", "a-1"}) EXPECT_EQ(name_problem(good), "") << good;
}

TEST(NewFunction, WhatIsThereStays) {
  const Workspace workspace;
  workspace.put("mine/notes", "x");
  const auto refused = workspace.make("mine");
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("is there already"));
  EXPECT_EQ(workspace.read("mine/notes"), "x");
  EXPECT_THAT(workspace.make("other", "cobol").error().message, HasSubstr("--lang cobol: unknown"));
}

TEST(NewFunction, AFailureLeavesNothing) {
  {
    const Workspace workspace;
    EXPECT_THAT(workspace.make("prost").error().message, HasSubstr("has a package 'prost' already"));
    EXPECT_FALSE(fs::exists(workspace.path() / "prost"));
    EXPECT_EQ(workspace.read("Cargo.lock"), kLock);
  }
  const Workspace workspace;
  workspace.put("Cargo.toml", "[workspace]\nmembers = [\"noop\"]\n");
  EXPECT_FALSE(workspace.make("mine").has_value());
  EXPECT_FALSE(fs::exists(workspace.path() / "mine"));
  EXPECT_EQ(workspace.read("Cargo.lock"), kLock) << "it was changed, and is as before";
}

}  // namespace
}  // namespace lumos
