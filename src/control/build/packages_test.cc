#include "control/build/packages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_command_runner.h"

namespace lumos {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr const char* kInstalled =
    "bash\t5.2\tyes\trequired\t\tlibc6 (>= 2.38),base-files (>= 2.1)\n"
    "base-files\t13\tyes\trequired\tbase, usr-is-merged\tawk,\n"
    "libc6\t2.41\tno\toptional\t\t,libgcc-s1\n"
    "libgcc-s1\t14\tno\toptional\tlibgcc1 (= 1:14)\t,libc6 (>= 2.35)\n"  // and back
    "mawk\t1.3\tno\trequired\tawk\tlibc6,\n"
    "crun\t1.21\tno\toptional\t\t,libc6 (>= 2.38), libyajl2 (>= 2.0.4), missing | python3:any\n"
    "libyajl2\t2.1\tno\toptional\t\t,libc6\n"
    "python3\t3.13\tno\toptional\t\t,\n"
    "broken\t1\tno\toptional\t\t,not-installed (>= 1) | nor-this\n";

Expected<PackageDatabase> database_of(const std::string& output) {
  FakeCommandRunner runner;
  runner.answer = [&](const Command&) { return CommandResult{.output = output}; };
  return PackageDatabase::read(runner);
}

TEST(Packages, TheSmallestDebianIsWhatIsEssentialOrRequiredAndWhatThatNeeds) {
  EXPECT_THAT(*database_of(kInstalled)->minimal(), ElementsAre("base-files", "bash", "libc6", "libgcc-s1", "mawk"));
}

TEST(Packages, DependenciesFollowProvidersAndTheFirstAlternativeThatIsInstalled) {
  EXPECT_THAT(*database_of(kInstalled)->with_dependencies({"crun"}),
              ElementsAre("crun", "libc6", "libgcc-s1", "libyajl2", "python3"));
  EXPECT_THAT(*database_of(kInstalled)->with_dependencies({"libgcc1"}), ElementsAre("libc6", "libgcc-s1"));
  EXPECT_THAT(*database_of(kInstalled)->with_dependencies({}), ElementsAre());
}

TEST(Packages, OneThatIsNotInstalledIsNamed) {
  EXPECT_EQ(database_of(kInstalled)->with_dependencies({"broken"}).error().message,
            "Debian package not-installed is not installed");
}

TEST(Packages, VersionsAreALineEach) {
  EXPECT_EQ(database_of(kInstalled)->versions({"bash", "crun"}), "bash=5.2\ncrun=1.21\n");
}

TEST(Packages, AnAnswerThatIsNoTableIsAnError) {
  EXPECT_FALSE(database_of("bash 5.2\n").has_value());
  EXPECT_TRUE(database_of("").has_value());
}

TEST(FilesOfPackages, AreThePathsUnderEachName) {
  FakeCommandRunner runner;
  runner.answer = [](const Command&) {
    return CommandResult{.output =
                             "crun\n /.\n /usr/bin/crun\n\nlibyajl2\n /usr/lib/libyajl.so.2\n diverted by x to: /y\n"};
  };
  EXPECT_THAT(*files_of_packages(runner, {"crun", "libyajl2"}),
              ElementsAre(Pair("crun", ElementsAre("/.", "/usr/bin/crun")),
                          Pair("libyajl2", ElementsAre("/usr/lib/libyajl.so.2"))));
  EXPECT_EQ(runner.commands[0].argv.back(), "libyajl2");
}

}  // namespace
}  // namespace lumos
