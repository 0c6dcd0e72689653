#include "control/backend/join.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

const Cell kCell{.expected_digest = "abc"};

wire::ClientRecord client() {
  wire::ClientRecord c{.sample = 9, .http_status = 200, .intended = 10, .sent = 20, .done = 500, .invocation = 1};
  c.instance = "r1-3";
  c.digest = "abc";
  return c;
}

wire::GatewayRecord cold() {
  return {.sample = 9,
          .start = Start::kCold,
          .instance = 3,
          .dispatches = 1,
          .received = 30,
          .create_begin = 40,
          .dispatched = 300,
          .responded = 400};
}

TEST(Join, AColdStartIsVerifiedByGatewayAndInstanceTogether) {
  const Sample s = join_records(kCell, client(), cold(), "r1-3");
  EXPECT_EQ(s.outcome, Outcome::kOk);
  EXPECT_EQ(s.start, Start::kCold);
  EXPECT_EQ(s.start_verified, true);
  EXPECT_EQ(s.latency_ns(), 490);
  EXPECT_EQ(s.spans.compute, std::nullopt);
}

TEST(Join, AWarmedInstanceSoldAsColdIsNotVerified) {
  auto c = client();
  c.invocation = 2;
  EXPECT_EQ(join_records(kCell, c, cold(), "r1-3").start_verified, false);
  EXPECT_EQ(join_records(kCell, client(), cold(), "r1-4").start_verified, false);
}

TEST(Join, AFreshInstanceSoldAsWarmIsNotVerified) {
  auto g = cold();
  g.start = Start::kWarm;
  g.dispatches = 2;
  EXPECT_EQ(join_records(kCell, client(), g, "r1-3").start_verified, false);
  auto c = client();
  c.invocation = 2;
  EXPECT_EQ(join_records(kCell, c, g, "r1-3").start_verified, true);
}

TEST(Join, BesideOthersInItsInstanceTheOrderIsTheInstances) {
  auto c = client();
  auto g = cold();
  g.start = Start::kBehind;
  g.in_flight = 3;
  for (const int own_count : {1, 2, 3}) {
    c.invocation = own_count;
    EXPECT_EQ(join_records(kCell, c, g, "r1-3").start_verified, true);
  }
  EXPECT_EQ(join_records(kCell, c, g, "r1-4").start_verified, false);
  g.start = Start::kWarm;
  EXPECT_EQ(join_records(kCell, c, g, "r1-3").start_verified, true);
  c.invocation = 1;
  EXPECT_EQ(join_records(kCell, c, g, "r1-3").start_verified, false);
}

TEST(Join, ADecisionWithoutDataHasNone) {
  const ScaleDecision d = to_decision({.deployment = 2, .time = 5, .panic_concurrency = 1.5, .desired = 3});
  EXPECT_EQ(std::tuple(d.deployment, d.desired, d.panic_concurrency), std::tuple(2, 3, std::optional(1.5)));
  EXPECT_EQ(d.stable_concurrency, std::nullopt);
}

TEST(Join, AnotherDigestIsAWrongOutput) {
  auto c = client();
  c.digest = "abd";
  EXPECT_EQ(join_records(kCell, c, cold(), "r1-3").outcome, Outcome::kWrongOutput);
  EXPECT_EQ(join_records(Cell{}, c, cold(), "r1-3").outcome, Outcome::kOk);  // none expected
}

TEST(Join, TheGatewaysReasonGoesBeforeTheStatusItAnswered) {
  auto c = client();
  c.outcome = Outcome::kBadStatus;
  c.http_status = 503;
  auto g = cold();
  g.failed = true;
  g.outcome = Outcome::kLaunchFailed;
  g.dispatched = wire::kAbsent;
  const Sample s = join_records(kCell, c, g, "r1-3");
  EXPECT_EQ(s.outcome, Outcome::kLaunchFailed);
  EXPECT_EQ(s.start, std::nullopt);
  EXPECT_EQ(s.start_verified, std::nullopt);
}

TEST(Join, A502OfTheFunctionItselfIsItsStoragesWhereItHasOne) {
  auto c = client();
  c.outcome = Outcome::kBadStatus;
  c.http_status = 502;
  Cell cell = kCell;
  cell.factors = {{"storage", "redis"}};
  EXPECT_EQ(join_records(cell, c, cold(), "r1-3").outcome, Outcome::kStorageFailed);
  cell.factors = {{"storage", nullptr}};
  EXPECT_EQ(join_records(cell, c, cold(), "r1-3").outcome, Outcome::kBadStatus);
  cell.factors = {{"storage", "inline"}};
  EXPECT_EQ(join_records(cell, c, cold(), "r1-3").outcome, Outcome::kBadStatus);
}

TEST(Join, WithoutAGatewayRecordItsColumnsAreUnknown) {
  auto c = client();
  c.outcome = Outcome::kRefused;
  const Sample s = join_records(kCell, c, std::nullopt, "");
  EXPECT_EQ(s.outcome, Outcome::kRefused);
  EXPECT_EQ(s.stamps.received, std::nullopt);
  EXPECT_EQ(s.start, std::nullopt);
}

TEST(Join, AnInstanceKeepsItsCountersAndWhatWasNotReadStaysUnknown) {
  wire::InstanceRecord record{.instance = 3, .cpu_total = 9};
  EXPECT_EQ(to_instance(record).cores_allowed, std::nullopt);
  EXPECT_EQ(to_instance(record).counters.pss_bytes, std::nullopt);
  record.counters = wire::pack({.pss_bytes = 4096});
  record.cores_allowed = "1-3";
  const Instance instance = to_instance(record);
  EXPECT_EQ(instance.counters.pss_bytes, 4096);
  EXPECT_EQ(instance.counters.throttled_ns, std::nullopt);
  EXPECT_EQ(instance.cores_allowed, "1-3");
}

}  // namespace
}  // namespace lumos
