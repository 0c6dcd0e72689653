// Clients and instances that would wear the gateway out: it stays in bounds, serves the others and records everything.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <fstream>

#include "control/gateway/gateway.h"
#include "tests/support/fake_instance.h"
#include "tests/support/http_client.h"
#include "tests/support/running_gateway.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;
using wire::LaunchAction;

std::int64_t memory_of(pid_t pid) {
  std::ifstream file(std::format("/proc/{}/statm", pid));
  std::int64_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * 4096;
}

void serve_one(RunningGateway& gateway, HttpClient& client, const FakeInstance& instance) {
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, instance.address());
  EXPECT_EQ(client.response().value_or(http::Message{}).status, 200);
  EXPECT_FALSE(gateway.expect<wire::GatewayRecord>().failed);
}

TEST(GatewayRobustness, AHeadOrABodyThatDoesNotComeInTimeEndsItsConnection) {
  FakeInstance instance(2, 0);
  RunningGateway gateway({.deployments = on_demand(1),
                          .instance_port = instance.port(),
                          .clients = {.header_timeout = 50ms, .body_timeout = 80ms}});
  instance.listen();
  HttpClient head(gateway.port()), body(gateway.port()), idle(gateway.port()), other(gateway.port());
  head.send("POST / HTTP/1.1\r\nX: ");
  body.send("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf");
  serve_one(gateway, other, instance);
  for (HttpClient* client : {&head, &body}) {
    EXPECT_EQ(client->response().value_or(http::Message{}).status, 408);
    EXPECT_TRUE(client->closed());
  }
  idle.send(invocation(2));
  EXPECT_EQ(idle.response().value_or(http::Message{}).status, 200) << "who asks nothing may stay";
  EXPECT_EQ(instance.requests().size(), 2U);
}

TEST(GatewayRobustness, AByteNowAndThenBuysNoTime) {
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = 1, .clients = {.header_timeout = 60ms}});
  HttpClient slow(gateway.port());
  slow.send("POST / HTTP/1.1\r\nX: ");
  std::atomic<bool> over = false;
  std::thread drip([&] {
    while (!over) {
      slow.send("x");
      std::this_thread::sleep_for(10ms);
    }
  });
  EXPECT_EQ(slow.response().value_or(http::Message{}).status, 408);
  over = true;
  drip.join();
}

TEST(GatewayRobustness, RequestsTogetherHoldNoMoreThanTheLimit) {
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = 1, .clients = {.held_bytes = 3 << 20}});
  const std::string half(2 << 20, 'x');
  HttpClient first(gateway.port()), second(gateway.port()), third(gateway.port());
  first.send("POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n" + half);
  // They are read one after the other, but in which order is the kernel's affair: the first may be the one too many.
  second.send("POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n" + half);
  const auto refused = second.response();
  EXPECT_EQ((refused ? refused : first.response()).value_or(http::Message{}).status, 503);
  third.send("GET / HTTP/1.1\r\nLumos-Deployment: 9\r\n\r\n");
  EXPECT_EQ(third.response().value_or(http::Message{}).status, 404) << "there is room again";
}

TEST(GatewayRobustness, EndlessHeadersOfAnInstanceAreCut) {
  FakeInstance bad(2, 0,
                   [](const auto&) { return InstanceAnswer{"HTTP/1.1 200 OK\r\nX: " + std::string(1 << 20, 'x')}; });
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = bad.port()});
  bad.listen();
  HttpClient client(gateway.port());
  client.send(invocation(1));
  gateway.expect_order(LaunchAction::kLaunch, 1);
  gateway.launched(1, bad.address());
  EXPECT_EQ(client.response().value_or(http::Message{}).status, 502);
  EXPECT_EQ(gateway.expect<wire::GatewayRecord>().outcome, Outcome::kMalformed);
  gateway.expect_removal(1);
}

/// A lower limit of descriptors for what is started while it lives.
struct DescriptorLimit {
  explicit DescriptorLimit(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit lower{.rlim_cur = most, .rlim_max = before.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &lower), 0);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before); }
  rlimit before{};
};

TEST(GatewayRobustness, MoreClientsThanDescriptorsAreTurnedAwayAndInstancesAreStillReached) {
  FakeInstance instance(2, 0);
  std::optional<DescriptorLimit> limit(std::in_place, 64);
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port()});
  limit.reset();
  instance.listen();
  std::vector<std::unique_ptr<HttpClient>> crowd;
  for (int i = 0; i < 100; ++i) crowd.push_back(std::make_unique<HttpClient>(gateway.port()));
  crowd.back()->send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(crowd.back()->response().value_or(http::Message{}).status, 503);
  serve_one(gateway, *crowd.front(), instance);
  crowd.resize(1);  // the others leave
  std::optional<http::Message> served;
  for (int i = 0; i < 100 && (!served || served->status != 200); ++i) {
    HttpClient late(gateway.port());
    late.send(invocation(2));
    served = late.response();
  }
  EXPECT_EQ(served.value_or(http::Message{}).status, 200);
}

// The gateway's descriptors are all taken: clients wait in the kernel, the loop does not spin, and goes on when some
// are free again.
TEST(GatewayRobustness, WithoutADescriptorItRestsAndGoesOn) {
  FakeInstance instance(2, 0);
  std::optional<DescriptorLimit> limit(std::in_place, 64);
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port(), .clients = {.clients = 1000}});
  limit.reset();
  instance.listen();
  HttpClient first(gateway.port());
  serve_one(gateway, first, instance);
  std::vector<std::unique_ptr<HttpClient>> crowd;
  for (int i = 0; i < 100; ++i) crowd.push_back(std::make_unique<HttpClient>(gateway.port()));
  first.send(invocation(2));
  EXPECT_EQ(first.response().value_or(http::Message{}).status, 200);
  const auto cpu = gateway.cpu();
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(gateway.cpu() - cpu, 100ms);
  HttpClient late(gateway.port());
  late.send(invocation(3));
  crowd.clear();
  EXPECT_EQ(late.response().value_or(http::Message{}).status, 200);
}

TEST(GatewayRobustness, TenThousandIdleConnectionsCostLittleAndOthersAreServed) {
  constexpr int kIdle = 10'000;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit raised{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &raised);
  if (raised.rlim_cur < kIdle + 300) GTEST_SKIP() << "only " << raised.rlim_cur << " descriptors";
  FakeInstance instance(2, 0);
  RunningGateway gateway({.deployments = on_demand(1), .instance_port = instance.port()});
  instance.listen();
  HttpClient client(gateway.port());
  serve_one(gateway, client, instance);
  const std::int64_t before = memory_of(gateway.pid());
  std::vector<std::unique_ptr<HttpClient>> idle;
  for (int i = 0; i < kIdle; ++i) idle.push_back(std::make_unique<HttpClient>(gateway.port()));
  idle.back()->send(invocation(2));
  EXPECT_EQ(idle.back()->response().value_or(http::Message{}).status, 200);
  EXPECT_LT(memory_of(gateway.pid()) - before, kIdle * 4096) << "of its own, without the kernel's";
  client.send(invocation(3));
  EXPECT_EQ(client.response().value_or(http::Message{}).status, 200);
}

TEST(GatewayRobustness, AThousandConnectionsAtOnceFailNeverAndTakeNoMoreMemoryRoundAfterRound) {
  constexpr int kConnections = 1000, kRounds = 6;
  FakeInstance instance(2, 0);
  RunningGateway gateway(
      {.deployments = {{.max_scale = 1, .container_concurrency = 8}}, .instance_port = instance.port()});
  instance.listen();
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < kConnections; ++i) clients.push_back(std::make_unique<HttpClient>(gateway.port()));
  serve_one(gateway, *clients[0], instance);
  std::int64_t after_two = 0;
  std::int64_t sample = 1;
  for (int round = 0; round < kRounds; ++round) {
    for (const auto& client : clients) client->send(invocation(++sample));
    for (const auto& client : clients) ASSERT_EQ(client->response().value_or(http::Message{}).status, 200);
    for (int i = 0; i < kConnections; ++i) ASSERT_FALSE(gateway.expect<wire::GatewayRecord>().failed);
    if (round == 1) after_two = memory_of(gateway.pid());
  }
#if !__has_feature(address_sanitizer)  // which keeps what is freed for a while
  EXPECT_LT(memory_of(gateway.pid()), after_two + (1 << 20));
#endif
  EXPECT_GT(after_two, 0);
}

}  // namespace
}  // namespace lumos
