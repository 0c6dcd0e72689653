#include "control/build/node_footprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/fake_command_runner.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Pair;

class NodeFootprints : public testing::Test {
 protected:
  NodeFootprints() {
    fs::create_directories(root_ / "lib");
    put("lib/libc.so", 1000);
    put("lib/crun", 20);
    put("lib/libengine.so", 300);
    fs::create_hard_link(root_ / "lib/libengine.so", root_ / "lib/libengine.so.1");
    fs::create_symlink("libengine.so", root_ / "lib/engine");
    runner_.answer = [](const Command& c) {
      return CommandResult{.output = c.argv[3].contains("db-fsys")
                                         ? "crun\n /lib\n /lib/crun\nlibengine\n /lib/libengine.so\n "
                                           "/lib/libengine.so.1\n /lib/engine\n /lib/gone\n"
                                         : "libc6\t2\tyes\trequired\t\t,\ncrun\t1\tno\toptional\t\t,"
                                           "libc6\nlibengine\t1\tno\toptional\t\t,libc6, crun\n"};
    };
  }
  void put(const std::string& name, std::size_t bytes) { std::ofstream(root_ / name) << std::string(bytes, 'x'); }

  TemporaryFolder root_;
  FakeCommandRunner runner_;
};

TEST_F(NodeFootprints, AreTheFilesOfWhatARuntimeNeedsBeyondTheSmallestDebian) {
  const auto nodes =
      node_footprints(runner_, {{"sandbox", {}}, {"crun", {"crun"}}, {"wasm", {"libengine"}}}, root_.path());
  ASSERT_TRUE(nodes.has_value()) << nodes.error().message;
  EXPECT_EQ((*nodes)[0].bytes(), 0);
  EXPECT_THAT((*nodes)[1].packages, ElementsAre(Pair("crun", 20)));
  EXPECT_THAT((*nodes)[2].packages,
              ElementsAre(Pair("libengine", 300), Pair("crun", 20)));  // a hard link once, no folder, no symbolic link
  EXPECT_EQ((*nodes)[2].bytes(), 320);
}

TEST_F(NodeFootprints, NothingIsAskedOfPackagesThatNobodyNeeds) {
  ASSERT_TRUE(node_footprints(runner_, {{"sandbox", {}}}, root_.path()).has_value());
  EXPECT_EQ(runner_.commands.size(), 1u);
}

TEST_F(NodeFootprints, APackageThatIsMissingIsAnError) {
  EXPECT_EQ(node_footprints(runner_, {{"x", {"kata"}}}, root_.path()).error().code, ErrorCode::kEnvironment);
}

}  // namespace
}  // namespace lumos
