#include "analysis/slo_judgement.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

/// Six repetitions of 1000 requests at 100/s whose latencies are 1 to 100 ms, ten of each.
class SloJudgement : public testing::Test {
 protected:
  SloJudgement() {
    cell_.load = CellLoad{.open = true, .rate = "100"};
    for (int i = 0; i < 6; ++i) {
      LoadRecord& r = loads_.emplace_back(LoadRecord{.requests = 1000, .outcomes = {1000}});
      r.window = r.wall = std::chrono::seconds(10);
      for (int ms = 1; ms <= 100; ++ms) r.latencies.emplace_back(ms * 1'000'000, 10);
      r.backlog.assign(40, 5 + i);
    }
  }

  Judgement judge(const std::string& slo, bool delivered = true) {
    CellRecords records{.cell = &cell_, .deployment = &deployment_};
    visits_.assign(loads_.size(), {});
    for (std::size_t i = 0; i < loads_.size(); ++i)
      records.visits.push_back({.visit = &visits_[i], .load = &loads_[i]});
    return judge_slo(*parse_slo(slo), records, delivered, 1);
  }

  Cell cell_;
  Deployment deployment_;
  std::vector<LoadRecord> loads_;
  std::vector<Visit> visits_;
};

TEST_F(SloJudgement, MeetsSurelyWhereEveryIntervalLiesBelow) {
  const Judgement j = judge("p99<200ms,p50<80ms,throughput>50/s,error<0.1%");
  EXPECT_TRUE(j.meets && j.sure) << j.reason;
  EXPECT_EQ(j.terms[0].value, 99);
  EXPECT_EQ(j.terms[2].value, 100);
  EXPECT_EQ(j.terms[3].value, 0);
}

TEST_F(SloJudgement, NearTheBoundItIsNotSure) {
  const Judgement j = judge("p50<51ms");
  EXPECT_TRUE(j.meets);
  EXPECT_FALSE(j.sure);
}

TEST_F(SloJudgement, SaysWhichObjectiveWasMissed) {
  const Judgement j = judge("p99<50ms,error<0.1%");
  EXPECT_FALSE(j.meets);
  EXPECT_TRUE(j.sure);
  EXPECT_EQ(j.reason, "p99<50ms: it is 99.0 ms");
}

TEST_F(SloJudgement, FailedRequestsAreInfinitelyLate) {
  for (auto& r : loads_) r.outcomes[static_cast<std::size_t>(Outcome::kTimeout)] = 30, r.requests += 30;
  const Judgement j = judge("p99<200ms");
  EXPECT_FALSE(j.meets);
  EXPECT_EQ(j.reason, "p99<200ms: it is ∞");
  EXPECT_FALSE(judge("error<2%").meets);
  EXPECT_TRUE(judge("error<5%").sure);
}

TEST_F(SloJudgement, AQueueThatGrowsFailsWhateverItsTail) {
  for (auto& r : loads_) {
    for (int k = 0; k < 40; ++k) r.backlog[static_cast<std::size_t>(k)] = 10 * k;
  }
  const Judgement j = judge("p99<1s");
  EXPECT_FALSE(j.meets);
  EXPECT_TRUE(j.sure);
  EXPECT_NE(j.reason.find("backlog grows"), std::string::npos);
}

TEST_F(SloJudgement, WhatWasNotDeliveredTellsNothing) {
  const Judgement j = judge("p99<1s", false);
  EXPECT_FALSE(j.meets || j.sure || j.delivered);
}

TEST_F(SloJudgement, TooFewRequestsForAQuantileAreNotSure) {
  const Judgement j = judge("p99.99<1s");
  EXPECT_TRUE(j.meets);
  EXPECT_FALSE(j.sure);
}

TEST_F(SloJudgement, NothingMeasuredMeetsNothing) {
  loads_.clear();
  EXPECT_FALSE(judge("p99<1s").meets);
}

}  // namespace
}  // namespace lumos
