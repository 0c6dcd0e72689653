#include "control/backend/density.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

// What is measured needs root and runtimes: tests/system/density_test.py.
TEST(UnavailableMemory, IsTheTotalWithoutWhatIsAvailable) {
  EXPECT_EQ(unavailable_memory("MemTotal:        4000000 kB\nMemFree:  10 kB\nMemAvailable:    1000000 kB\n"),
            3'000'000'000 / 1000 * 1024);
  EXPECT_EQ(unavailable_memory("MemTotal:        4000000 kB\n"), std::nullopt);
  EXPECT_EQ(unavailable_memory(""), std::nullopt);
}

}  // namespace
}  // namespace lumos
