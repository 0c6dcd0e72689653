// Instances that take several requests, are made ahead of demand, and come and go with the load.
#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "control/gateway/gateway.h"
#include "tests/support/fake_instance.h"
#include "tests/support/http_client.h"
#include "tests/support/running_gateway.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;
using wire::LaunchAction;

constexpr Nanoseconds kMoment = 20ms;

using Met = std::tuple<std::int64_t, std::int64_t, Start>;  // sample, instance, start

Met met(const wire::GatewayRecord& r) { return {r.sample, r.instance, r.start}; }

// An instance whose answers wait until it is let go.
struct Held {
  explicit Held(int last_byte, int port = 0)
      : instance(last_byte, port, [this](const auto&) {
          while (!go) std::this_thread::yield();
          return ok_answer();
        }) {}
  ~Held() { go = true; }
  std::atomic<bool> go = false;
  FakeInstance instance;
};

// Five requests at once on nothing, two at a time in an instance: three instances are made, for the first, the third
// and the fifth. The first two that are ready take the four oldest.
TEST(GatewayScale, ABurstFindsItsInstancesColdAndBehindAndWarm) {
  Held a(2), b(3, a.instance.port());
  RunningGateway gateway(
      {.deployments = {{.container_concurrency = 2}}, .max_instances = 8, .instance_port = a.instance.port()});
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 1; i <= 5; ++i) {
    clients.push_back(std::make_unique<HttpClient>(gateway.port()));
    clients.back()->send(invocation(i));
    if (i % 2 == 1) gateway.expect_order(LaunchAction::kLaunch, i / 2 + 1);
  }
  EXPECT_TRUE(gateway.no_order_within(kMoment));
  a.instance.listen();
  b.instance.listen();
  gateway.launched(2, b.instance.address());  // made for the third, and ready first
  ASSERT_TRUE(b.instance.wait_for_requests(2));
  gateway.launched(1, a.instance.address());
  ASSERT_TRUE(a.instance.wait_for_requests(2));
  EXPECT_TRUE(gateway.silent_for(kMoment));
  a.go = b.go = true;
  std::map<std::int64_t, wire::GatewayRecord> by_sample;
  for (int i = 0; i < 5; ++i) {
    const auto record = gateway.expect<wire::GatewayRecord>();
    by_sample[record.sample] = record;
  }
  EXPECT_EQ(met(by_sample[1]), Met(1, 2, Start::kBehind));
  EXPECT_EQ(met(by_sample[2]), Met(2, 2, Start::kBehind));
  EXPECT_EQ(met(by_sample[3]), Met(3, 1, Start::kBehind)) << "its own instance served others";
  EXPECT_EQ(met(by_sample[4]), Met(4, 1, Start::kBehind));
  EXPECT_EQ(by_sample[5].start, Start::kWarm);
  EXPECT_EQ(by_sample[1].in_flight, 2);
  EXPECT_EQ(by_sample[1].cpu_after, wire::kAbsent) << "what the counter gained is not one request's";
  for (const auto& client : clients) EXPECT_EQ(client->response().value_or(http::Message{}).status, 200);
}

TEST(GatewayScale, TheOneItWasMadeForIsColdAndWhoSharesItIsBehind) {
  Held a(2);
  RunningGateway gateway({.deployments = {{.container_concurrency = 2}}, .instance_port = a.instance.port()});
  HttpClient first(gateway.port()), second(gateway.port()), third(gateway.port());
  first.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  second.send(invocation(2));
  a.instance.listen();
  gateway.launched(1, a.instance.address());
  ASSERT_TRUE(a.instance.wait_for_requests(2));
  a.go = true;
  std::map<std::int64_t, Start> starts;
  for (int i = 0; i < 2; ++i) {
    const auto record = gateway.expect<wire::GatewayRecord>();
    starts[record.sample] = record.start;
  }
  EXPECT_EQ(starts, (std::map<std::int64_t, Start>{{1, Start::kCold}, {2, Start::kBehind}}));
  third.send(invocation(3));
  EXPECT_EQ(gateway.expect<wire::GatewayRecord>().start, Start::kWarm);
}

TEST(GatewayScale, PreparedInstancesAreReadyBeforeTheAnswerAndMetFirst) {
  FakeInstance a(2, 0), b(3, a.port());
  RunningGateway gateway(
      {.deployments = {{.min_scale = 2, .max_scale = 2}}, .max_instances = 4, .instance_port = a.port()});
  gateway.prepare(0);
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.expect_order(LaunchAction::kLaunch, 2);
  a.listen();
  gateway.launched(1, a.address());
  EXPECT_TRUE(gateway.silent_for(kMoment)) << "one of two";
  b.listen();
  gateway.launched(2, b.address());
  const auto prepared = gateway.expect<wire::Prepared>();
  EXPECT_EQ(std::tuple(prepared.ready, prepared.failure.str()), std::tuple(2, ""));
  HttpClient client(gateway.port());
  client.send(invocation(1));
  const auto one = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(one.start, Start::kFirst);
  EXPECT_EQ(one.create_begin, wire::kAbsent) << "it waited for nothing";
  EXPECT_TRUE(client.response().has_value());
  client.send(invocation(2));
  const auto two = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(std::tuple(two.instance, two.start), std::tuple(one.instance, Start::kWarm)) << "the most recently used";
}

TEST(GatewayScale, PreparationFailsWithTheReason) {
  RunningGateway gateway({.deployments = {{.min_scale = 1}, {.min_scale = 5}, {.min_scale = 1}},
                          .max_instances = 4,
                          .instance_port = 1,
                          .timeout = 50ms});
  gateway.prepare(0);
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.failed(1, "no such image");
  EXPECT_EQ(gateway.expect<wire::Prepared>().failure.str(), "an instance could not be created: no such image");
  EXPECT_EQ(gateway.expect<wire::InstanceRecord>().instance, 1);
  gateway.prepare(1);
  EXPECT_EQ(gateway.expect<wire::Prepared>().failure.str(), "5 instances are asked for, and there is room for 4");
  FakeInstance never(2, 0);
  gateway.prepare(2);
  gateway.expect_order(LaunchAction::kLaunch, 2);
  gateway.launched(2, never.address());
  EXPECT_EQ(gateway.expect<wire::Prepared>().failure.str(), "an instance did not listen in time");
  gateway.expect_removal(2);
}

TEST(GatewayScale, NeverMakesMoreThanMaxScale) {
  RunningGateway gateway({.deployments = {{.max_scale = 2}}, .max_instances = 8, .instance_port = 1});
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 1; i <= 5; ++i) {
    clients.push_back(std::make_unique<HttpClient>(gateway.port()));
    clients.back()->send(invocation(i));
  }
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.expect_order(LaunchAction::kLaunch, 2);
  EXPECT_TRUE(gateway.no_order_within(kMoment));
}

TEST(GatewayScale, BeyondTheQueueLimitRequestsAreTurnedAway) {
  RunningGateway gateway({.deployments = {{.max_scale = 1, .queue_limit = 2}}, .instance_port = 1});
  HttpClient first(gateway.port()), second(gateway.port()), third(gateway.port());
  first.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  second.send(invocation(2));
  EXPECT_TRUE(gateway.silent_for(kMoment));
  third.send(invocation(3));
  EXPECT_EQ(third.response().value_or(http::Message{}).status, 503);
  const auto record = gateway.expect<wire::GatewayRecord>();
  EXPECT_EQ(std::tuple(record.sample, record.failed, record.outcome), std::tuple(3, true, Outcome::kRefused));
}

TEST(GatewayScale, AnIdleInstanceEndsAfterItsKeepAliveAndTheLastOfMinScaleStays) {
  FakeInstance a(2, 0), b(3, a.port());
  RunningGateway gateway(
      {.deployments = {{.min_scale = 1, .keep_alive = 30ms}}, .max_instances = 4, .instance_port = a.port()});
  a.listen();
  b.listen();
  HttpClient client(gateway.port()), other(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  other.send(invocation(2));
  gateway.expect_order(LaunchAction::kLaunch, 2);
  gateway.launched(1, a.address());
  gateway.launched(2, b.address());
  EXPECT_TRUE(client.response().has_value());
  EXPECT_TRUE(other.response().has_value());
  (void)gateway.expect<wire::GatewayRecord>();
  (void)gateway.expect<wire::GatewayRecord>();
  const auto order = gateway.any_order();
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->action, LaunchAction::kRemove);
  gateway.removed(order->instance);
  EXPECT_EQ(gateway.expect<wire::InstanceRecord>().instance, order->instance);
  EXPECT_TRUE(gateway.no_order_within(4 * 30ms));
}

TEST(GatewayScale, OfMinScaleOneThatEndsIsMadeAnewIfItHadAnswered) {
  FakeInstance a(2, 0), b(3, a.port());
  RunningGateway gateway({.deployments = {{.min_scale = 1}}, .max_instances = 4, .instance_port = a.port()});
  a.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, a.address());
  EXPECT_TRUE(client.response().has_value());
  (void)gateway.expect<wire::GatewayRecord>();
  gateway.ended(1);
  gateway.expect_order(LaunchAction::kRemove, 1);
  gateway.removed(1);
  EXPECT_EQ(gateway.expect<wire::InstanceRecord>().instance, 1);
  gateway.expect_order(LaunchAction::kLaunch, 2);
  b.listen();
  gateway.launched(2, b.address());
  gateway.ended(2);  // it never answered: another would not either
  gateway.expect_order(LaunchAction::kRemove, 2);
  gateway.removed(2);
  EXPECT_TRUE(gateway.no_order_within(kMoment));
}

TEST(GatewayScale, WhoLetOneRequestTimeOutGetsNoMoreAndIsRemovedAfterTheOthers) {
  std::atomic<bool> go = false;
  FakeInstance a(2, 0, [&](const http::Message& m) {
    if (m.body == "hang") return InstanceAnswer{};
    while (!go) std::this_thread::yield();
    return ok_answer();
  });
  FakeInstance b(3, a.port());
  RunningGateway gateway({.deployments = {{.container_concurrency = 2, .timeout = 300ms}, {}},
                          .max_instances = 4,
                          .instance_port = a.port()});
  a.listen();
  b.listen();
  HttpClient hangs(gateway.port()), shares(gateway.port()), next(gateway.port());
  hangs.send(invocation(1, "hang"));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, a.address());
  ASSERT_TRUE(a.wait_for_requests(1));
  std::this_thread::sleep_for(100ms);  // so that it is not due when the first is
  shares.send(invocation(2));
  ASSERT_TRUE(a.wait_for_requests(2));
  EXPECT_EQ(hangs.response().value_or(http::Message{}).status, 504);
  EXPECT_EQ(gateway.expect<wire::GatewayRecord>().outcome, Outcome::kTimeout);
  next.send(invocation(3));
  gateway.expect_order(LaunchAction::kLaunch, 2);  // not the one that hangs
  go = true;
  const auto two = gateway.expect<wire::GatewayRecord>();
  if (!two.failed) {  // on a very busy machine it was late itself
    EXPECT_EQ(shares.response().value_or(http::Message{}).status, 200);
  }
  gateway.expect_order(LaunchAction::kRemove, 1);
}

TEST(GatewayScale, AnAnswerThatCameBeforeTheInstanceEndedCounts) {
  FakeInstance a(2, 0, [](const auto&) { return InstanceAnswer{ok_answer("last").bytes, true}; });
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = a.port()});
  a.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, a.address());
  EXPECT_EQ(client.response().value_or(http::Message{}).body, "last");
  gateway.ended(1);
  EXPECT_FALSE(gateway.expect<wire::GatewayRecord>().failed);
}

// One at a time in an instance, target 0.7: the first request activates one, and the next ones wait for the tick.
TEST(GatewayScale, KnativesAutoscalerMakesOneAtOnceAndTheOthersByItsTicks) {
  Held a(2);
  RunningGateway gateway({.deployments = {{.autoscaler = Autoscaler::kKpa, .max_scale = 3, .stable_window = 6s}},
                          .max_instances = 8,
                          .instance_port = a.instance.port()});
  HttpClient first(gateway.port()), second(gateway.port());
  first.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  const auto activation = gateway.expect<wire::ScaleRecord>();
  EXPECT_EQ(std::tuple(activation.desired, activation.actual, activation.reason),
            std::tuple(1, 0, ScaleReason::kActivation));
  second.send(invocation(2));
  EXPECT_TRUE(gateway.no_order_within(kMoment));
  a.instance.listen();
  gateway.launched(1, a.instance.address());
  ASSERT_TRUE(a.instance.wait_for_requests(1));
  const auto tick = gateway.expect<wire::ScaleRecord>();
  EXPECT_EQ(std::tuple(tick.desired, tick.actual, tick.panicking), std::tuple(3, 1, true));  // 2 / 0.7 = 2.9
  EXPECT_DOUBLE_EQ(tick.panic_concurrency, 2);
  gateway.expect_order(LaunchAction::kLaunch, 2);
  gateway.expect_order(LaunchAction::kLaunch, 3);
  gateway.retire(0);
  for (int i = 1; i <= 3; ++i) gateway.expect_order(LaunchAction::kRemove, i);
}

}  // namespace
}  // namespace lumos
