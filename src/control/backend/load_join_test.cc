#include "control/backend/load_join.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

constexpr std::int64_t kFirst = 101;

class LoadJoinTest : public testing::Test {
 protected:
  static Cell cell() {
    Cell cell{.expected_digest = "ab"};
    cell.load = CellLoad{.concurrency = 2, .samples = 10};
    return cell;
  }

  wire::GatewayRecord gateway(std::int64_t sample, Start start) {
    wire::GatewayRecord r{.sample = sample, .start = start, .instance = 7, .dispatches = sample - kFirst + 2};
    r.received = 20, r.dispatched = 30, r.responded = 40;
    return r;
  }
  wire::ClientRecord client(std::int64_t sample) {
    wire::ClientRecord r{.sample = sample, .http_status = 200, .intended = 10, .sent = 11, .done = 50};
    r.invocation = sample - kFirst + 2;
    r.instance = "r1-7";
    r.digest = "ab";
    return r;
  }

  const Cell cell_ = cell();
  const Backend::LoadTask task_{.first_sample = kFirst};
  LoadJoin join_{cell_, task_, 42};
};

TEST_F(LoadJoinTest, SamplesAreWhatBothSaw) {
  for (const std::int64_t sample : {kFirst, kFirst + 1}) {
    join_.add(gateway(sample, Start::kWarm));
    join_.add(client(sample));
  }
  join_.add(wire::LoadEnd{.requests = 2, .answered = 2, .outcomes = {2}});
  EXPECT_TRUE(join_.complete());
  const auto load = join_.result("r1");
  ASSERT_TRUE(load.has_value());
  ASSERT_EQ(load->samples.size(), 2u);
  EXPECT_EQ(load->samples[1].id, kFirst + 1);
  EXPECT_EQ(load->samples[1].outcome, Outcome::kOk);
  EXPECT_EQ(load->samples[1].start, Start::kWarm);
  EXPECT_EQ(load->samples[1].start_verified, true);
  EXPECT_EQ(load->samples[1].stamps.dispatched, 30);
  EXPECT_EQ(load->record.ok(), 2);
}

TEST_F(LoadJoinTest, EveryStartCountsWhetherItsSampleWasKeptOrNot) {
  for (int i = 0; i < 1000; ++i) join_.add(gateway(kFirst + i, i == 0 ? Start::kCold : Start::kWarm));
  join_.add(wire::LoadEnd{.requests = 1000, .answered = 1000});
  const auto load = join_.result("r1");
  EXPECT_EQ(load->record.starts, (StartNumbers{1, 0, 0, 999}));
}

TEST_F(LoadJoinTest, WarmUpAndEarlierVisitsCountNowhere) {
  join_.add(gateway(-3, Start::kCold));
  join_.add(gateway(kFirst - 1, Start::kWarm));
  join_.add(wire::LoadEnd{.answered = 2});
  EXPECT_FALSE(join_.complete()) << "the earlier visit's is none of those that are waited for";
  EXPECT_EQ(join_.result("r1")->record.starts, StartNumbers{});
}

TEST_F(LoadJoinTest, ARequestThatNeverReachedTheGatewayStandsAlone) {
  auto refused = client(kFirst);
  refused.outcome = Outcome::kRefused;
  join_.add(refused);
  join_.add(wire::LoadEnd{.requests = 1});
  const auto load = join_.result("r1");
  EXPECT_EQ(load->samples[0].outcome, Outcome::kRefused);
  EXPECT_EQ(load->samples[0].start, std::nullopt);
}

TEST_F(LoadJoinTest, WhatTheGeneratorCouldNotDoIsAnError) {
  wire::LoadEnd end;
  end.error = "no descriptors";
  join_.add(end);
  EXPECT_EQ(join_.result("r1").error().message, "no descriptors");
}

}  // namespace
}  // namespace lumos
