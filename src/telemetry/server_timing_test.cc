#include "telemetry/server_timing.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

TEST(ServerTiming, ReadsMillisecondsToTheNanosecond) {
  const Spans s = parse_server_timing("deserialize;dur=0.001234, compute;dur=12.5,handle;desc=all;dur=13");
  EXPECT_EQ(s.deserialize, 1234);
  EXPECT_EQ(s.compute, 12'500'000);
  EXPECT_EQ(s.handle, 13'000'000);
  EXPECT_EQ(s.fetch, std::nullopt);
}

TEST(ServerTiming, SpansOfOneNameAddUp) { EXPECT_EQ(parse_server_timing("fetch;dur=1, fetch;dur=2").fetch, 3'000'000); }

TEST(ServerTiming, BrokenEntriesAreLeftOut) {
  for (const char* bad : {"", ",", ";", "compute", "compute;dur", "compute;dur=", "compute;dur=-1", "compute;dur=nan",
                          "compute;dur=1e99", "compute;dur=1x", "Compute;dur=1", "=;;;,,,"}) {
    EXPECT_EQ(parse_server_timing(bad).compute, std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace lumos
