#include "host/cgroup.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

// A tree of plain files stands for the kernel's.
void touch(const std::filesystem::path& path) {
  std::filesystem::create_directories(path.parent_path());
  ASSERT_TRUE(write_file(path, "").has_value());
}

TEST(CgroupTree, TellsV2FromV1) {
  const TemporaryFolder v2, v1, none;
  touch(v2 / "cgroup.controllers");
  touch(v1 / "memory/cgroup.procs");
  touch(v1 / "cpuacct/cgroup.procs");
  EXPECT_EQ(CgroupTree::find(v2.path())->version, CgroupVersion::kV2);
  EXPECT_EQ(CgroupTree::find(v1.path())->version, CgroupVersion::kV1);
  EXPECT_EQ(CgroupTree::find(none.path()).error().code, ErrorCode::kEnvironment);
}

TEST(CgroupTree, V1HasOneFolderPerHierarchyEvenWhenTwoNamesShareOne) {
  const TemporaryFolder root;
  touch(root / "cpu,cpuacct/cgroup.procs");
  touch(root / "memory/cgroup.procs");
  std::filesystem::create_directory_symlink(root / "cpu,cpuacct", root / "cpuacct");
  std::filesystem::create_directory_symlink(root / "cpu,cpuacct", root / "cpu");
  const auto tree = CgroupTree::find(root.path());
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->folders("lumos/a").size(), 2u);
}

TEST(Cgroup, RemovesWhatAnOciRuntimeMadeInHierarchiesThatLumosDoesNotUse) {
  const TemporaryFolder root;
  for (const char* controller : {"memory", "cpuacct", "freezer"}) touch(root / controller / "cgroup.procs");
  const auto tree = *CgroupTree::find(root.path());
  for (const char* controller : {"memory", "freezer"})
    std::filesystem::create_directories(root / controller / "lumos/r1/i1");
  ASSERT_TRUE(remove_cgroup(tree, "lumos/r1").has_value());
  EXPECT_FALSE(std::filesystem::exists(root / "freezer/lumos/r1"));
  EXPECT_TRUE(std::filesystem::exists(root / "freezer/lumos"));
}

TEST(Cgroup, MakesTheGroupAndItsParents) {
  const TemporaryFolder root;
  touch(root / "cgroup.controllers");
  const auto tree = *CgroupTree::find(root.path());
  ASSERT_TRUE(make_cgroup(tree, "lumos/run/i1").has_value());
  EXPECT_TRUE(std::filesystem::is_directory(root / "lumos/run/i1"));
  ASSERT_TRUE(make_cgroup(tree, "lumos/run/i1").has_value());
  ASSERT_TRUE(remove_cgroup(tree, "lumos/run").has_value());
  EXPECT_FALSE(std::filesystem::exists(root / "lumos/run"));
  ASSERT_TRUE(remove_cgroup(tree, "lumos/run").has_value());
}

}  // namespace
}  // namespace lumos
