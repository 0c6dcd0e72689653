#include "control/environment/stressor.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "base/file.h"
#include "host/placement.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

// A tree of plain files stands for the kernel's: nothing of it is entered but by name.
struct StressorTest : ::testing::Test {
  StressorTest() {
    std::filesystem::create_directories(root / "lumos/n");
    for (const char* file : {"cgroup.controllers", "lumos/n/cgroup.procs"}) EXPECT_TRUE(write_file(root / file, ""));
    place = {.cores = {allowed_cores().back()},
             .cgroups = *CgroupTree::find(root.path()),
             .cgroup = "lumos/n",
             .folder = "/proc/self"};
  }

  TemporaryFolder root;
  StressorPlace place;
};

TEST_F(StressorTest, NoNeighbourDoesNothing) {
  const auto none = Stressor::start({}, place);
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ((*none)->use().elapsed_ns, std::nullopt);
}

TEST_F(StressorTest, WorksOnceItIsStarted) {
  for (const auto& neighbour : {Neighbour{NeighbourKind::kCpu, 0.1}, Neighbour{NeighbourKind::kMemory, 1e8}}) {
    const auto stressor = Stressor::start(neighbour, place);
    ASSERT_TRUE(stressor.has_value()) << stressor.error().message;
    while ((*stressor)->use().cpu_ns == 0) {
    }
    const NeighbourUse use = (*stressor)->use();
    EXPECT_GT(*use.elapsed_ns, 0);
    EXPECT_EQ(*use.bytes > 0, neighbour.kind == NeighbourKind::kMemory);
  }
  EXPECT_EQ(read_file(root / "lumos/n/cgroup.procs"), "0") << "each enters the group";
}

TEST_F(StressorTest, SaysWhyItCannotWork) {
  const auto refused = Stressor::start({NeighbourKind::kIo, 1e6}, place);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(refused.error().message.starts_with("neighbour io: cannot work in /proc/self: "))
      << refused.error().message;
}

}  // namespace
}  // namespace lumos
