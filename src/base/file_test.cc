#include "base/file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

TEST(File, WritesWholeAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "a", "one").has_value());
  ASSERT_TRUE(write_file(folder / "a", "two").has_value());
  EXPECT_EQ(read_file(folder / "a"), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(File, NamesTheFileThatIsMissingOrTooLarge) {
  const TemporaryFolder folder;
  EXPECT_NE(read_file(folder / "none").error().message.find("none: No such file"), std::string::npos);
  ASSERT_TRUE(write_file(folder / "big", std::string(100, 'x')).has_value());
  EXPECT_NE(read_file(folder / "big", 99).error().message.find("larger than 99"), std::string::npos);
  EXPECT_EQ(read_file(folder.path()).error().code, ErrorCode::kUsage);
}

TEST(File, TheTailIsTheEnd) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "log", "first\nlast\n").has_value());
  EXPECT_EQ(read_tail(folder / "log", 5), "last\n");
  EXPECT_EQ(read_tail(folder / "log", 500), "first\nlast\n");
  EXPECT_EQ(read_tail(folder / "none", 5), "");
}

TEST(File, Sha256MatchesTheStandardsExample) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(File, TreeHashSeesContentNamesAndSkippedFolders) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "src");
  ASSERT_TRUE(write_file(folder / "src/a", "1").has_value());
  const auto before = sha256_of_tree(folder.path(), "target");
  std::filesystem::create_directories(folder / "target");
  ASSERT_TRUE(write_file(folder / "target/x", "1").has_value());
  EXPECT_EQ(sha256_of_tree(folder.path(), "target"), before);
  std::filesystem::rename(folder / "src/a", folder / "src/b");
  EXPECT_NE(sha256_of_tree(folder.path(), "target"), before);
}

}  // namespace
}  // namespace lumos
