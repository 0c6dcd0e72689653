// What clients may send to the gateway, and what they may not.
#include <gtest/gtest.h>

#include <atomic>

#include "control/gateway/gateway.h"
#include "tests/support/fake_instance.h"
#include "tests/support/http_client.h"
#include "tests/support/running_gateway.h"

namespace lumos {
namespace {

using wire::LaunchAction;

// A gateway with one instance that has answered one request, so that the next ones are warm.
struct Warm {
  explicit Warm(FakeInstance::Script script = [](const http::Message& m) { return ok_answer(m.body); })
      : instance(2, 0, std::move(script)),
        gateway({.deployments = on_demand(1), .max_instances = 1, .instance_port = instance.port()}) {
    instance.listen();
    HttpClient client(gateway.port());
    client.send(invocation(1));
    gateway.expect_order(LaunchAction::kLaunch, 1);
    gateway.launched(1, instance.address());
    EXPECT_TRUE(client.response().has_value());
    EXPECT_FALSE(gateway.expect<wire::GatewayRecord>().failed);
  }
  void expect_sample(std::int64_t sample) { EXPECT_EQ(gateway.expect<wire::GatewayRecord>().sample, sample); }

  FakeInstance instance;
  RunningGateway gateway;
};

class BadRequest : public testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(BadRequest, GetsA400AndTheConnectionIsClosed) {
  Warm warm;
  HttpClient client(warm.gateway.port());
  client.send(GetParam().second);
  const auto response = client.response().value_or(http::Message{});
  EXPECT_EQ(response.status, 400);
  EXPECT_FALSE(response.keep_alive);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(warm.instance.requests().size(), 1U) << "nothing of it reached the instance";
  HttpClient other(warm.gateway.port());
  other.send(invocation(2));
  EXPECT_EQ(other.response().value_or(http::Message{}).status, 200);
}

INSTANTIATE_TEST_SUITE_P(
    Gateway, BadRequest,
    testing::Values(std::pair("Garbage", "GARBAGE\r\n\r\n"),
                    std::pair("Binary", std::string("\x16\x03\x01\x00\x05", 5)),
                    std::pair("TwoLengths", "POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"),
                    std::pair("LengthAndChunks",
                              "POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                    std::pair("NegativeLength", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
                    std::pair("HugeLength", "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"),
                    std::pair("SpaceBeforeColon", "POST / HTTP/1.1\r\nContent-Length : 2\r\n\r\n{}"),
                    std::pair("FoldedHeader", "POST / HTTP/1.1\r\nContent-Type: a\r\n b\r\n\r\n"),
                    std::pair("NulInHeader", std::string("POST / HTTP/1.1\r\nX: a\0b\r\n\r\n", 27)),
                    std::pair("BareLineFeed", "POST / HTTP/1.1\nContent-Length: 2\n\n{}"),
                    std::pair("OtherVersion", "POST / HTTP/3.0\r\n\r\n"),
                    std::pair("HeaderTooLarge",
                              "POST / HTTP/1.1\r\nX: " + std::string(http::kMaxHeaderBytes + 1000, 'x'))),
    [](const auto& bad) { return std::string(bad.param.first); });

TEST(GatewayClient, ABadRequestBehindAGoodOneDoesNotSpoilIt) {
  Warm warm;
  HttpClient client(warm.gateway.port());
  client.send(invocation(2, "good") + "\x01\x02\r\n\r\n");
  EXPECT_EQ(client.response().value_or(http::Message{}).body, "good");
  EXPECT_EQ(client.response().value_or(http::Message{}).status, 400);
  EXPECT_TRUE(client.closed());
}

TEST(GatewayClient, AnUnknownDeploymentIsA404AndTheConnectionGoesOn) {
  Warm warm;
  HttpClient client(warm.gateway.port());
  for (const char* deployment : {"1", "-1", "99999999999999999999999"}) {
    client.send(http::format_request("POST", "/", "x", {{wire::kDeploymentHeader, deployment}}, "{}"));
    const auto response = client.response().value_or(http::Message{});
    // What is no number counts as none given: the first deployment.
    EXPECT_EQ(response.status, std::string_view(deployment).size() < 3 ? 404 : 200) << deployment;
  }
}

TEST(GatewayClient, PipelinedRequestsAreAnsweredInOrder) {
  Warm warm;
  HttpClient client(warm.gateway.port());
  std::string all;
  for (int i = 2; i < 22; ++i) all += invocation(i, std::format("\"request {}\"", i));
  client.send(all);
  for (int i = 2; i < 22; ++i) {
    EXPECT_EQ(client.response().value_or(http::Message{}).body, std::format("\"request {}\"", i));
    warm.expect_sample(i);
  }
}

TEST(GatewayClient, ThousandsOfPipelinedRequestsThatNeedNoInstanceDoNotExhaustTheStack) {
  Warm warm;
  HttpClient client(warm.gateway.port());
  constexpr int kRequests = 3000;
  std::string all;
  for (int i = 0; i < kRequests; ++i) all += "GET / HTTP/1.1\r\nLumos-Deployment:9\r\n\r\n";
  client.send(all);
  for (int i = 0; i < kRequests; ++i) ASSERT_EQ(client.response().value_or(http::Message{}).status, 404) << i;
}

TEST(GatewayClient, ARequestMayComeByteByByte) {
  Warm warm;
  HttpClient client(warm.gateway.port());
  for (const char c : invocation(2, R"({"n":1})")) client.send({&c, 1});
  EXPECT_EQ(client.response().value_or(http::Message{}).body, R"({"n":1})");
}

TEST(GatewayClient, LargeBodiesPassBothWays) {
  Warm warm;
  HttpClient client(warm.gateway.port());
  const std::string body(4 << 20, 'x');
  client.send(invocation(2, body));
  EXPECT_TRUE(client.response().value_or(http::Message{}).body == body);
  client.send(invocation(3, "small"));
  EXPECT_EQ(client.response().value_or(http::Message{}).body, "small");
}

TEST(GatewayClient, TheConnectionIsClosedWhenTheClientAsksForIt) {
  Warm warm;
  HttpClient client(warm.gateway.port());
  client.send("POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(client.response().value_or(http::Message{}).status, 200);
  EXPECT_TRUE(client.closed());
}

TEST(GatewayClient, AnAnswerThatEndsWithItsConnectionEndsTheClientsToo) {
  Warm warm([calls = 0](const auto&) mutable {
    return ++calls == 1 ? ok_answer() : InstanceAnswer{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end", true};
  });
  HttpClient client(warm.gateway.port());
  client.send(invocation(2));
  EXPECT_EQ(client.response().value_or(http::Message{}).body, "to the end");
  EXPECT_TRUE(client.closed());
}

TEST(GatewayClient, OneThatGoesAwayInMidRequestHarmsNobody) {
  for (const bool reset : {false, true}) {
    std::atomic<bool> go = false;
    Warm warm([&](const http::Message& m) {
      while (m.body == "wait" && !go) std::this_thread::yield();
      return ok_answer(m.body);
    });
    HttpClient leaver(warm.gateway.port()), half(warm.gateway.port()), waiter(warm.gateway.port());
    leaver.send(invocation(2, "wait"));
    ASSERT_TRUE(warm.instance.wait_for_requests(2));
    half.send(invocation(3).substr(0, 30));
    waiter.send(invocation(4, "mine"));
    leaver.leave(reset);
    half.leave(reset);
    go = true;
    warm.expect_sample(2);  // its answer is recorded, though nobody reads it
    EXPECT_EQ(waiter.response().value_or(http::Message{}).body, "mine");
    warm.expect_sample(4);
  }
}

TEST(GatewayClient, OneThatGoesAwayWhileItWaitsForAnInstanceHarmsNobody) {
  FakeInstance instance(2, 0);
  RunningGateway gateway({.deployments = on_demand(1), .max_instances = 1, .instance_port = instance.port()});
  instance.listen();
  HttpClient leaver(gateway.port()), waiter(gateway.port());
  leaver.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  leaver.leave(true);
  waiter.send(invocation(2));
  gateway.launched(1, instance.address());
  EXPECT_EQ(gateway.expect<wire::GatewayRecord>().sample, 1);
  EXPECT_EQ(gateway.expect<wire::GatewayRecord>().sample, 2);
  EXPECT_TRUE(waiter.response().has_value());
}

}  // namespace
}  // namespace lumos
