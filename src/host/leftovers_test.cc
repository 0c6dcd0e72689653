#include "host/leftovers.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

TEST(Leftovers, RemovesDeadRunsAndLeavesLivingOnesAndStrangersAlone) {
  const TemporaryFolder root, marks;
  ASSERT_TRUE(write_file(root / "cgroup.controllers", "").has_value());
  const auto tree = *CgroupTree::find(root.path());
  const auto living = RunMark::claim(marks.path());
  ASSERT_TRUE(living.has_value());
  ASSERT_TRUE(write_file(marks / "rdead", "").has_value());  // its process is gone, so nothing locks it
  for (const auto& tag : {living->tag(), std::string("rdead"), std::string("stranger")}) {
    ASSERT_TRUE(make_cgroup(tree, "lumos/" + tag + "/i1").has_value());
  }
  EXPECT_EQ(*remove_leftovers(tree, marks.path()), std::vector<std::string>{"rdead"});
  EXPECT_FALSE(std::filesystem::exists(root / "lumos/rdead"));
  EXPECT_TRUE(std::filesystem::exists(root / ("lumos/" + living->tag())));
  EXPECT_TRUE(std::filesystem::exists(root / "lumos/stranger"));
}

TEST(Leftovers, AReleasedMarkIsGone) {
  const TemporaryFolder marks;
  auto mark = RunMark::claim(marks.path());
  mark->release();
  EXPECT_FALSE(std::filesystem::exists(marks / mark->tag()));
}

}  // namespace
}  // namespace lumos
