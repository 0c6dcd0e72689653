// What can go wrong with an instance, what the client is told, and what is recorded.
#include <gtest/gtest.h>

#include "control/gateway/gateway.h"
#include "tests/support/fake_instance.h"
#include "tests/support/http_client.h"
#include "tests/support/running_gateway.h"

namespace lumos {
namespace {

using wire::LaunchAction;

constexpr Nanoseconds kTimeout = std::chrono::milliseconds(100);

void expect_failure(RunningGateway& gateway, HttpClient& client, Outcome outcome, int status) {
  const auto response = client.response().value_or(http::Message{});
  EXPECT_EQ(response.status, status) << name_of(outcome);
  EXPECT_EQ(response.header("lumos-outcome"), name_of(outcome));
  const auto record = gateway.expect<wire::GatewayRecord>();
  EXPECT_TRUE(record.failed);
  EXPECT_EQ(name_of(record.outcome), name_of(outcome));
}

// An instance that answers its first request so; it is removed then, and the next request gets another.
void expect_after_answer(const InstanceAnswer& answer, Outcome outcome, int status) {
  const bool hangs = outcome == Outcome::kTimeout;
  FakeInstance bad(2, 0, [&](const auto&) { return answer; }), good(3, bad.port());
  RunningGateway gateway(
      {.deployments = on_demand(1), .instance_port = bad.port(), .timeout = hangs ? kTimeout : kTimeout * 100});
  bad.listen();
  good.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, bad.address());
  expect_failure(gateway, client, outcome, status);
  gateway.expect_removal(1);
  client.send(invocation(2));
  gateway.expect_order(LaunchAction::kLaunch, 2);
  if (hangs) return;  // the second would have to hurry
  gateway.launched(2, good.address());
  EXPECT_EQ(client.response().value_or(http::Message{}).status, 200);
  EXPECT_FALSE(gateway.expect<wire::GatewayRecord>().failed);
}

TEST(GatewayFailure, AnAnswerCutHalfWayIsAReset) {
  expect_after_answer({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", true}, Outcome::kReset, 502);
}

TEST(GatewayFailure, NoAnswerAtAllIsAReset) { expect_after_answer({"", true}, Outcome::kReset, 502); }

TEST(GatewayFailure, GarbageIsMalformed) {
  expect_after_answer({"SSH-2.0-nope\r\n\r\n", false}, Outcome::kMalformed, 502);
}

TEST(GatewayFailure, MoreThanOneAnswerIsMalformed) {
  const std::string two = ok_answer().bytes + ok_answer().bytes;
  expect_after_answer({two, false}, Outcome::kMalformed, 502);
}

TEST(GatewayFailure, ASmuggledAnswerIsMalformed) {
  expect_after_answer({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", false},
                      Outcome::kMalformed, 502);
}

TEST(GatewayFailure, SilenceIsATimeout) { expect_after_answer({"", false}, Outcome::kTimeout, 504); }

TEST(GatewayFailure, HalfAnAnswerAndThenSilenceIsATimeout) {
  expect_after_answer({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", false}, Outcome::kTimeout, 504);
}

TEST(GatewayFailure, ATimeoutComesWhenItIsDueAndNotBefore) {
  FakeInstance instance(2, 0, [](const auto&) { return InstanceAnswer{}; });
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port(), .timeout = kTimeout});
  instance.listen();
  HttpClient client(gateway.port());
  const std::int64_t sent = monotonic_ns();
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address());
  expect_failure(gateway, client, Outcome::kTimeout, 504);
  EXPECT_GE(monotonic_ns() - sent, kTimeout.count());
  gateway.expect_removal(1);
}

TEST(GatewayFailure, AnInstanceThatCannotBeLaunched) {
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = 1});
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.failed(1, "no such image");
  expect_failure(gateway, client, Outcome::kLaunchFailed, 503);
  EXPECT_EQ(gateway.expect<wire::InstanceRecord>().note.str(), "no such image");
  client.send(invocation(2));
  gateway.expect_order(LaunchAction::kLaunch, 2);
}

TEST(GatewayFailure, AnInstanceThatEndsBeforeItListens) {
  FakeInstance never(2, 0);
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = never.port()});
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, never.address());
  gateway.ended(1);
  expect_failure(gateway, client, Outcome::kNotReady, 503);
  gateway.expect_removal(1);
}

TEST(GatewayFailure, AnInstanceThatNeverListens) {
  FakeInstance never(2, 0);
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = never.port(), .timeout = kTimeout});
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, never.address());
  expect_failure(gateway, client, Outcome::kNotReady, 503);
  gateway.expect_removal(1);
}

TEST(GatewayFailure, AnInstanceThatWasGivenUpServesNobodyWhenItListensAfterAll) {
  FakeInstance late(2, 0), good(3, late.port());
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = late.port(), .timeout = kTimeout});
  HttpClient client(gateway.port()), other(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, late.address());
  expect_failure(gateway, client, Outcome::kNotReady, 503);
  gateway.expect_order(LaunchAction::kRemove, 1);
  other.send(invocation(2));
  gateway.expect_order(LaunchAction::kLaunch, 2);
  late.listen();
  good.listen();
  (void)late.wait_for_connections(1);
  gateway.launched(2, good.address());
  EXPECT_NE(gateway.expect<wire::GatewayRecord>().instance,
            1);  // it gets the second, or on a very busy machine none in time
  EXPECT_TRUE(late.requests().empty());
}

TEST(GatewayFailure, AnInstanceThatEndsInMidRequest) {
  FakeInstance instance(2, 0, [](const auto&) { return InstanceAnswer{}; });
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port()});
  instance.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address());
  ASSERT_TRUE(instance.wait_for_requests(1));
  gateway.ended(1);
  expect_failure(gateway, client, Outcome::kReset, 502);
  gateway.expect_removal(1);
}

TEST(GatewayFailure, AnInstanceThatListensNoMoreRefuses) {
  FakeInstance instance(2, 0, [](const auto&) { return InstanceAnswer{ok_answer().bytes, true}; });
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port()});
  instance.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address());
  EXPECT_TRUE(client.response().has_value());
  EXPECT_FALSE(gateway.expect<wire::GatewayRecord>().failed);
  instance.stop();
  client.send(invocation(2));
  expect_failure(gateway, client, Outcome::kRefused, 502);
  gateway.expect_removal(1);
}

TEST(GatewayFailure, AnErrorOfTheFunctionIsPassedOnAsItIs) {
  FakeInstance instance(2, 0,
                        [](const auto&) { return InstanceAnswer{http::format_response(400, R"({"error":"n"})")}; });
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port()});
  instance.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address());
  const auto response = client.response().value_or(http::Message{});
  EXPECT_EQ(std::pair(response.status, response.body), std::pair(400, std::string(R"({"error":"n"})")));
  EXPECT_FALSE(gateway.expect<wire::GatewayRecord>().failed) << "the gateway did get an answer";
}

}  // namespace
}  // namespace lumos
