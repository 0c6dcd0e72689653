// The life of instances as the gateway sees it: created on demand, met again, retired.
#include "control/gateway/gateway.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/fake_instance.h"
#include "tests/support/http_client.h"
#include "tests/support/running_gateway.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

using wire::kAbsent;
using wire::LaunchAction;

constexpr Nanoseconds kMoment = std::chrono::milliseconds(20);

void expect_order_of(const std::vector<std::int64_t>& stamps) {
  for (std::size_t i = 0; i + 1 < stamps.size(); ++i) {
    EXPECT_NE(stamps[i], kAbsent) << "stamp " << i;
    EXPECT_LE(stamps[i], stamps[i + 1]) << "stamps " << i << " and " << i + 1;
  }
}

TEST(Gateway, StampsAColdInvocationAndThenAWarmOne) {
  FakeInstance instance(2, 0);
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port(), .first_instance = 7});
  instance.listen();
  HttpClient client(gateway.port());
  const std::int64_t before = monotonic_ns();
  client.send(invocation(100, R"({"n":3})"));
  gateway.expect_order(LaunchAction::kLaunch, 7);
  const auto launch = gateway.launched(7, instance.address());
  EXPECT_EQ(client.response().value_or(http::Message{}).status, 200);

  const auto cold = gateway.expect<wire::GatewayRecord>();
  EXPECT_FALSE(cold.failed);
  EXPECT_EQ(cold.sample, 100);
  EXPECT_EQ(cold.start, Start::kCold);
  EXPECT_EQ(cold.instance, 7);
  EXPECT_EQ(cold.dispatches, 1);
  EXPECT_EQ(cold.idle_gap, kAbsent);
  EXPECT_EQ(cold.create_begin, launch.create_begin);
  EXPECT_EQ(cold.start_end, launch.start_end);
  expect_order_of({before, cold.received, cold.create_begin, cold.create_end, cold.start_begin, cold.start_end,
                   cold.ready, cold.dispatched, cold.responded, monotonic_ns()});

  client.send(invocation(101));
  EXPECT_EQ(client.response().value_or(http::Message{}).status, 200);
  const auto warm = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(warm.start, Start::kWarm);
  EXPECT_EQ(warm.instance, 7);
  EXPECT_EQ(warm.dispatches, 2);
  EXPECT_EQ(warm.idle_gap, warm.dispatched - cold.responded);
  EXPECT_EQ(warm.create_begin, kAbsent);
  EXPECT_EQ(warm.ready, kAbsent);
  expect_order_of({cold.responded, warm.received, warm.dispatched, warm.responded, monotonic_ns()});

  const auto requests = instance.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].body, R"({"n":3})");
  EXPECT_EQ(requests[0].header(std::string("lumos-sample")), "") << "the function must not see how it is measured";
}

TEST(Gateway, WaitsUntilTheInstanceListens) {
  FakeInstance instance(2, 0);
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port()});
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address());
  EXPECT_TRUE(gateway.silent_for(kMoment));
  const std::int64_t listening = monotonic_ns();
  instance.listen();
  EXPECT_TRUE(client.response().has_value());
  EXPECT_GE(gateway.expect<wire::GatewayRecord>().ready, listening);
}

TEST(Gateway, TwoThatGetEachOthersInstanceWereBehind) {
  FakeInstance a(2, 0), b(3, a.port());
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = a.port()});
  HttpClient first(gateway.port()), second(gateway.port());
  first.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  second.send(invocation(2));
  gateway.expect_order(LaunchAction::kLaunch, 2);
  b.listen();
  gateway.launched(2, b.address());  // made for the second, but the first waits longer
  const auto one = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(std::tuple(one.sample, one.instance, one.start), std::tuple(1, 2, Start::kBehind));
  EXPECT_NE(one.create_begin, kAbsent) << "it waited for that creation";
  EXPECT_TRUE(first.response().has_value());
  // Instance 2 is idle again and takes the second; instance 1 comes too late.
  const auto two = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(std::tuple(two.sample, two.instance, two.start), std::tuple(2, 2, Start::kWarm));
  EXPECT_TRUE(second.response().has_value());
}

TEST(Gateway, AConcurrentRequestGetsAnInstanceOfItsOwnAndAThirdWaits) {
  FakeInstance a(2, 0, [](const auto&) { return InstanceAnswer{}; }), b(3, a.port());
  RunningGateway gateway({.deployments = on_demand(1), .max_instances = 2, .instance_port = a.port()});
  a.listen();
  b.listen();
  HttpClient first(gateway.port()), second(gateway.port()), third(gateway.port());
  first.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, a.address());
  ASSERT_TRUE(a.wait_for_requests(1));
  second.send(invocation(2));
  gateway.expect_order(LaunchAction::kLaunch, 2);
  third.send(invocation(3));
  EXPECT_TRUE(gateway.no_order_within(kMoment));
  gateway.launched(2, b.address());
  const auto two = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(std::tuple(two.sample, two.instance, two.start), std::tuple(2, 2, Start::kCold));
  const auto three = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(std::tuple(three.sample, three.instance, three.start), std::tuple(3, 2, Start::kWarm));
  EXPECT_TRUE(second.response().has_value());
  EXPECT_TRUE(third.response().has_value());
}

TEST(Gateway, InstancesOfOneDeploymentDoNotServeAnother) {
  FakeInstance a(2, 0, [](const auto&) { return ok_answer("a"); });
  FakeInstance b(3, a.port(), [](const auto&) { return ok_answer("b"); });
  RunningGateway gateway({.deployments = on_demand(2), .max_instances = 1, .instance_port = a.port()});
  a.listen();
  b.listen();
  HttpClient client(gateway.port()), other(gateway.port());
  client.send(invocation(1, "{}", 0));
  EXPECT_EQ(gateway.expect_order(LaunchAction::kLaunch, 1).deployment, 0);
  gateway.launched(1, a.address());
  EXPECT_EQ(client.response().value_or(http::Message{}).body, "a");
  EXPECT_EQ(gateway.expect<wire::GatewayRecord>().instance, 1);
  other.send(invocation(2, "{}", 1));
  EXPECT_TRUE(gateway.no_order_within(kMoment)) << "the one slot is taken";
  gateway.retire(0);
  gateway.expect_removal(1);
  EXPECT_EQ(gateway.expect<wire::Retired>().deployment, 0);
}

TEST(Gateway, ASlotThatGetsFreeServesWhoeverWaitedForIt) {
  FakeInstance a(2, 0, [](const auto&) { return ok_answer("a"); });
  FakeInstance b(3, a.port(), [](const auto&) { return ok_answer("b"); });
  RunningGateway gateway({.deployments = on_demand(2), .max_instances = 1, .instance_port = a.port()});
  a.listen();
  b.listen();
  HttpClient client(gateway.port()), other(gateway.port());
  client.send(invocation(1, "{}", 0));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, a.address());
  EXPECT_TRUE(client.response().has_value());
  EXPECT_EQ(gateway.expect<wire::GatewayRecord>().instance, 1);
  other.send(invocation(2, "{}", 1));
  EXPECT_TRUE(gateway.no_order_within(kMoment));
  gateway.retire(0);
  gateway.expect_removal(1);
  EXPECT_EQ(gateway.expect<wire::Retired>().deployment, 0);
  EXPECT_EQ(gateway.expect_order(LaunchAction::kLaunch, 2).deployment, 1);
  gateway.launched(2, b.address());
  EXPECT_EQ(other.response().value_or(http::Message{}).body, "b");
  EXPECT_EQ(gateway.expect<wire::GatewayRecord>().start, Start::kCold);
}

TEST(Gateway, ReadsTheInstancesCpuCounterAroundAnInvocation) {
  TemporaryFolder tree;
  std::filesystem::create_directories(tree / "i1");
  const auto counter = [&](int usec) {
    ASSERT_TRUE(write_file(tree / "i1" / "cpu.stat", std::format("usage_usec {}\n", usec)).has_value());
  };
  counter(5);
  FakeInstance instance(2, 0);
  RunningGateway gateway({.deployments = on_demand(1),
                          .instance_port = instance.port(),
                          .cgroups = {.version = CgroupVersion::kV2, .root = tree.path()}});
  instance.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address(), "i1");
  const auto cold = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(std::tuple(cold.cpu_before, cold.cpu_after), std::tuple(kAbsent, 5000));
  EXPECT_TRUE(client.response().has_value());
  client.send(invocation(2));
  const auto warm = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(std::tuple(warm.cpu_before, warm.cpu_after), std::tuple(5000, 5000));
}

}  // namespace
}  // namespace lumos
