#include "record/neighbour.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

TEST(Neighbour, HasAKindAndAnIntensity) {
  EXPECT_EQ(parse_neighbour("none"), Neighbour{});
  EXPECT_EQ(parse_neighbour("cpu:50%"), (Neighbour{NeighbourKind::kCpu, 0.5}));
  EXPECT_EQ(parse_neighbour("cpu:100%"), (Neighbour{NeighbourKind::kCpu, 1.0}));
  EXPECT_EQ(parse_neighbour("memory:1.5GB/s"), (Neighbour{NeighbourKind::kMemory, 1.5e9}));
  EXPECT_EQ(parse_neighbour("io:64kB/s"), (Neighbour{NeighbourKind::kIo, 64e3}));
}

TEST(Neighbour, IsNothingElse) {
  for (const char* bad : {"", "cpu", "cpu:", "cpu:50", "cpu:0%", "cpu:101%", "cpu:nan%", "cpu:50%%", "memory:1GB",
                          "memory:1kB/s", "memory:1e300GB/s", "io:1kB/s", "disk:1MB/s", "None", "none "}) {
    EXPECT_EQ(parse_neighbour(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace lumos
