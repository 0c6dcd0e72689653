#include "telemetry/network_counters.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

constexpr const char* kNetDev =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier "
    "compressed\n"
    "    lo: 3886385 4298444    0    0    0     0          0         0 3886385 4298444    0    0    0     0       0    "
    "      0\n"
    "   v10:       1       1    0    0    0     0          0         0        2       1    0    0    0     0       0   "
    "       0\n"
    "    v1: 2768668   57941    0    0    0     0          0         0  2120378   27453    0    0    0     0       0   "
    "       0\n";

TEST(NetworkCounters, ReadsOneInterface) {
  const auto bytes = interface_bytes(kNetDev, "v1");
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(bytes->received, 2'768'668);
  EXPECT_EQ(bytes->sent, 2'120'378);
}

TEST(NetworkCounters, WhatIsNotThereIsNotZero) {
  for (const char* name : {"v0", "1", "eth0", ""}) EXPECT_FALSE(interface_bytes(kNetDev, name).has_value()) << name;
  for (const char* bad : {"", "v1:", "v1: 1 2 3", "v1: a 2 3 4 5 6 7 8 9"}) {
    EXPECT_FALSE(interface_bytes(bad, "v1").has_value()) << bad;
  }
}

TEST(NetworkCounters, KnowsThisMachinesLoopback) { EXPECT_TRUE(interface_bytes("lo").has_value()); }

}  // namespace
}  // namespace lumos
