#include "control/gateway/series_log.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/fake_instance.h"
#include "tests/support/http_client.h"
#include "tests/support/running_gateway.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;
using wire::kAbsent;
using wire::SeriesRecord;

/// A v2 tree with one group "i1".
class Group {
 public:
  Group() {
    std::filesystem::create_directories(folder_ / "i1");
    set(5, 4096);
  }
  void set(int usec, int bytes) const {
    ASSERT_TRUE(write_file(folder_ / "i1/cpu.stat", std::format("usage_usec {}\n", usec)).has_value());
    ASSERT_TRUE(write_file(folder_ / "i1/memory.current", std::format("{}\n", bytes)).has_value());
  }
  CgroupTree tree() const { return {.version = CgroupVersion::kV2, .root = folder_.path()}; }
  CgroupCounters open() const { return CgroupCounters::open(tree(), "i1"); }

 private:
  TemporaryFolder folder_;
};

/// What the conductor gets of instance 7.
std::vector<SeriesRecord::Point> received(SeriesLog& log) {
  std::vector<SeriesRecord::Point> points;
  log.take(7, [&](const SeriesRecord& record) {
    EXPECT_EQ(record.instance, 7);
    points.insert(points.end(), record.points.begin(), record.points.begin() + record.count);
  });
  return points;
}

TEST(SeriesLog, KeepsEveryTickUntilItIsSent) {
  const Group group;
  const auto counters = group.open();
  SeriesLog log(10ns, 1000);
  for (int i = 0; i < 2000; ++i) log.read(7, counters, 1000 + 10 * i);
  EXPECT_EQ(log.missed(7), 0);
  const auto points = received(log);
  ASSERT_EQ(points.size(), 2000u);  // many messages
  EXPECT_EQ(points[0].cpu_total, 5000);
  EXPECT_EQ(points[0].memory, 4096);
  EXPECT_EQ(points[1999].t, 1000 + 19990);
  EXPECT_TRUE(received(log).empty());
}

TEST(SeriesLog, TicksLieOnAGridAndThoseThatPassedAreMissed) {
  const Group group;
  const auto counters = group.open();
  SeriesLog log(10ns, 1003);
  EXPECT_EQ(log.until_next(1003), 10ns);
  EXPECT_EQ(log.until_next(1018), 5ns);
  log.read(7, counters, 1013);
  log.read(7, counters, 1025);  // late, but its own
  log.read(7, counters, 1058);  // 1033 and 1043 never came
  EXPECT_EQ(log.missed(7), 2);
}

TEST(SeriesLog, WhatFindsNoRoomIsCounted) {
  const Group group;
  const auto counters = group.open();
  SeriesLog log(10ns, 0, 3);
  for (int i = 0; i < 5; ++i) log.read(7, counters, 10 * i);
  EXPECT_EQ(log.missed(7), 2);
  EXPECT_EQ(received(log).size(), 3u);
  log.read(7, counters, 100);  // room again
  EXPECT_EQ(received(log).size(), 1u);
}

TEST(SeriesLog, AGroupThatIsGoneHasNoTick) {
  SeriesLog log(10ns, 0);
  log.read(7, CgroupCounters::open({.root = "/nowhere"}, "i1"), 10);
  EXPECT_EQ(log.missed(7), 0);
  EXPECT_TRUE(received(log).empty());
}

TEST(GatewaySeries, IsSentWhenTheDeploymentIsRetiredAndNotBefore) {
  const Group group;
  FakeInstance instance(2, 0);
  RunningGateway gateway(
      {.deployments = on_demand(1), .instance_port = instance.port(), .cgroups = group.tree(), .series_period = 1ms});
  instance.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(wire::LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address(), "i1");
  EXPECT_TRUE(client.response().has_value());
  EXPECT_EQ(gateway.expect<wire::GatewayRecord>().cpu_before, kAbsent);
  EXPECT_TRUE(gateway.silent_for(50ms));
  gateway.retire(0);
  gateway.expect_order(wire::LaunchAction::kRemove, 1);
  gateway.removed(1);
  const auto record = gateway.expect<wire::InstanceRecord>();
  const auto missed = wire::unpack(record.counters).series_missed;
  ASSERT_TRUE(missed.has_value());
  const auto series = gateway.expect<SeriesRecord>();
  EXPECT_EQ(series.instance, 1);
  EXPECT_GE(series.count + *missed, 35);
  EXPECT_EQ(series.points[0].memory, 4096);
  EXPECT_LT(series.points[0].t, series.points[1].t);
}

TEST(GatewaySeries, IsOffUnlessAskedFor) {
  const Group group;
  FakeInstance instance(2, 0);
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port(), .cgroups = group.tree()});
  instance.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(wire::LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address(), "i1");
  EXPECT_TRUE(client.response().has_value());
  (void)gateway.expect<wire::GatewayRecord>();
  gateway.retire(0);
  gateway.expect_order(wire::LaunchAction::kRemove, 1);
  gateway.removed(1);
  EXPECT_EQ(wire::unpack(gateway.expect<wire::InstanceRecord>().counters).series_missed, std::nullopt);
  EXPECT_EQ(gateway.expect<wire::Retired>().deployment, 0);
}

}  // namespace
}  // namespace lumos
