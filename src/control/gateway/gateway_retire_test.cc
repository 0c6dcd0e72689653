// How instances go, and how the gateway itself does.
#include <gtest/gtest.h>

#include "control/gateway/gateway.h"
#include "tests/support/fake_instance.h"
#include "tests/support/http_client.h"
#include "tests/support/running_gateway.h"

namespace lumos {
namespace {

using wire::LaunchAction;

constexpr Nanoseconds kMoment = std::chrono::milliseconds(20);

// One answered invocation by `instance`.
void serve_one(RunningGateway& gateway, HttpClient& client, FakeInstance& instance, std::int64_t number,
               std::int64_t sample) {
  client.send(invocation(sample));
  gateway.expect_order(LaunchAction::kLaunch, number);
  gateway.launched(number, instance.address());
  EXPECT_TRUE(client.response().has_value());
  EXPECT_EQ(gateway.expect<wire::GatewayRecord>().start, Start::kCold);
}

TEST(GatewayRetires, ConfirmsOnlyWhenTheInstanceIsRemovedAndPassesItsRecordOn) {
  FakeInstance instance(2, 0);
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port()});
  instance.listen();
  HttpClient client(gateway.port());
  serve_one(gateway, client, instance, 1, 1);
  gateway.retire(0);
  gateway.expect_order(LaunchAction::kRemove, 1);
  EXPECT_TRUE(gateway.silent_for(kMoment));
  gateway.removed(1, 12345);
  const auto record = gateway.expect<wire::InstanceRecord>();
  EXPECT_EQ(std::tuple(record.instance, record.cpu_total), std::tuple(1, 12345));
  EXPECT_EQ(gateway.expect<wire::Retired>().deployment, 0);
}

TEST(GatewayRetires, TheNextInvocationIsColdInANewInstance) {
  FakeInstance a(2, 0), b(3, a.port());
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = a.port()});
  a.listen();
  b.listen();
  HttpClient client(gateway.port());
  serve_one(gateway, client, a, 1, 1);
  gateway.retire(0);
  gateway.expect_removal(1);
  EXPECT_EQ(gateway.expect<wire::Retired>().deployment, 0);
  serve_one(gateway, client, b, 2, 2);
}

TEST(GatewayRetires, WhereThereIsNothingConfirmsAtOnce) {
  RunningGateway gateway({.deployments = on_demand(3), .instance_port = 1});
  gateway.retire(2);
  EXPECT_EQ(gateway.expect<wire::Retired>().deployment, 2);
}

TEST(GatewayRetires, ARequestInTheMidstOfItIsAnswered) {
  FakeInstance instance(2, 0, [](const auto&) { return InstanceAnswer{}; });
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port()});
  instance.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address());
  ASSERT_TRUE(instance.wait_for_requests(1));
  gateway.retire(0);
  gateway.expect_order(LaunchAction::kRemove, 1);
  gateway.removed(1);
  EXPECT_EQ(client.response().value_or(http::Message{}).status, 502);
  const auto record = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(std::tuple(record.failed, record.outcome), std::tuple(true, Outcome::kReset));
  EXPECT_EQ(gateway.expect<wire::InstanceRecord>().instance, 1);
  EXPECT_EQ(gateway.expect<wire::Retired>().deployment, 0);
}

TEST(GatewayRetires, AnInstanceThatEndedWhileIdleIsRemovedAndNotUsedAgain) {
  FakeInstance a(2, 0), b(3, a.port());
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = a.port()});
  a.listen();
  b.listen();
  HttpClient client(gateway.port());
  serve_one(gateway, client, a, 1, 1);
  gateway.ended(1);
  gateway.expect_removal(1);
  serve_one(gateway, client, b, 2, 2);
}

TEST(GatewayEnds, WhenTheConductorIsGone) {
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = 1});
  gateway.leave_as_conductor();
  EXPECT_EQ(gateway.wait(), 0);
}

TEST(GatewayEnds, WhenTheLauncherIsGoneAlsoInMidRequest) {
  FakeInstance instance(2, 0, [](const auto&) { return InstanceAnswer{}; });
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port()});
  instance.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address());
  ASSERT_TRUE(instance.wait_for_requests(1));
  gateway.leave_as_launcher();
  EXPECT_EQ(gateway.wait(), 0);
  EXPECT_FALSE(client.response().has_value());
}

}  // namespace
}  // namespace lumos
