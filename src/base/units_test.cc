#include "base/units.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

using namespace std::chrono_literals;

TEST(Units, DurationsCarryThreeDigitsAndAFittingUnit) {
  EXPECT_EQ(format_duration(850ns), "850 ns");
  EXPECT_EQ(format_duration(12345ns), "12.3 µs");
  EXPECT_EQ(format_duration(4560us), "4.56 ms");
  EXPECT_EQ(format_duration(200s), "3 min 20 s");
}

TEST(Units, BytesAreDecimal) {
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_bytes(1'200'000), "1.20 MB");
}

TEST(Units, ParsesDurationsWithAUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("5m"), 5min);
}

TEST(Units, RefusesDurationsWithoutUnitOrSense) {
  for (const char* bad : {"", "5", "ms", "-5s", "5 s", "1e300h", "nan s", "infs", "5x"}) {
    EXPECT_FALSE(parse_duration(bad).has_value()) << bad;
  }
}

TEST(Units, ParsesSizesWithAUnit) {
  EXPECT_EQ(parse_bytes("512B"), 512);
  EXPECT_EQ(parse_bytes("20kB"), 20'000);
  EXPECT_EQ(parse_bytes("1.5GB"), 1'500'000'000);
  EXPECT_EQ(parse_bytes("64MiB"), 64 << 20);
  for (const char* bad : {"", "5", "MB", "-5MB", "5 MB", "1e300GB", "nanB", "5mb"}) {
    EXPECT_FALSE(parse_bytes(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace lumos
