#include "analysis/loads.h"

#include <gtest/gtest.h>

#include "analysis/checks.h"
#include "base/random.h"

namespace lumos {
namespace {

/// Repetitions of 10 s at 1000/s whose backlog grows by so many requests over the window, and is noisy.
std::vector<LoadRecord> repetitions(int count, double growth, double noise, std::uint64_t seed = 1) {
  RandomStream stream(seed, "backlog");
  std::vector<LoadRecord> loads;
  for (int i = 0; i < count; ++i) {
    LoadRecord& r = loads.emplace_back(LoadRecord{.requests = 10'000});
    const double own = noise * (stream.uniform() - 0.5);
    for (int k = 1; k <= 40; ++k)
      r.backlog.push_back(static_cast<std::int64_t>(500 + (growth + own) * k / 40 + noise * stream.uniform()));
  }
  return loads;
}

std::optional<BacklogGrowth> growth_of(const std::vector<LoadRecord>& loads) {
  std::vector<const LoadRecord*> pointers;
  for (const auto& load : loads) pointers.push_back(&load);
  return backlog_growth(pointers);
}

TEST(BacklogGrowth, AQueueThatGrowsInEveryRepetitionGrows) {
  const auto growth = growth_of(repetitions(5, 400, 50));
  ASSERT_TRUE(growth.has_value());
  EXPECT_TRUE(growth->grows);
  EXPECT_NEAR(growth->mean.value, 200, 40);
  EXPECT_LT(growth->probability, 0.001);
}

TEST(BacklogGrowth, NoiseDoesNot) {
  int wrong = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) wrong += growth_of(repetitions(5, 0, 400, seed))->grows ? 1 : 0;
  EXPECT_LE(wrong, 40);  // one in twenty, were there no demand that it be large
}

TEST(BacklogGrowth, WhatGrowsByLittleDoesNotMatter) {
  const auto growth = growth_of(repetitions(5, 20, 0));
  EXPECT_LT(growth->probability, 0.05);
  EXPECT_FALSE(growth->grows);
}

TEST(BacklogGrowth, NeedsTwoRepetitions) {
  EXPECT_EQ(growth_of(repetitions(1, 400, 0)), std::nullopt);
  EXPECT_EQ(growth_of({LoadRecord{}, LoadRecord{}}), std::nullopt);
}

std::vector<bool> saturated(std::vector<LoadSummary> levels) {
  std::vector<LoadSummary*> sweep;
  for (auto& level : levels) sweep.push_back(&level);
  mark_saturation(sweep);
  std::vector<bool> marks;
  for (const auto& level : levels) marks.push_back(level.saturated);
  return marks;
}

std::vector<LoadSummary> closed_sweep(const std::vector<std::pair<int, double>>& levels) {
  std::vector<LoadSummary> sweep;
  for (const auto& [users, per_s] : levels) {
    sweep.push_back({.asked = {.concurrency = users}});
    sweep.back().throughput_per_s = Estimate{.value = per_s};
  }
  return sweep;
}

TEST(Saturation, ClosedBeginsWhereMoreUsersBringNoMore) {
  EXPECT_EQ(saturated(closed_sweep({{1, 100}, {2, 190}, {5, 400}, {10, 410}, {20, 405}})),
            (std::vector<bool>{false, false, true, true, true}));
}

TEST(Saturation, TheHighestLevelAloneTellsNothing) {
  EXPECT_EQ(saturated(closed_sweep({{1, 100}, {2, 200}, {5, 500}})), (std::vector<bool>{false, false, false}));
  EXPECT_EQ(saturated(closed_sweep({{1, 100}})), std::vector<bool>{false});
}

TEST(Saturation, ADipBelowAHigherLevelIsNone) {
  EXPECT_EQ(saturated(closed_sweep({{1, 100}, {2, 90}, {5, 300}, {10, 310}})),
            (std::vector<bool>{false, false, true, true}));
}

TEST(Saturation, OpenIsABacklogThatGrowsOrAnswersThatAreMissing) {
  std::vector<LoadSummary> sweep(3, LoadSummary{.asked = {.open = true}});
  for (auto& level : sweep) level.asked_per_s = 100, level.throughput_per_s = Estimate{.value = 99};
  sweep[1].throughput_per_s = Estimate{.value = 90};
  sweep[2].backlog = BacklogGrowth{.mean = {.value = 70}, .grows = true};
  EXPECT_EQ(saturated(std::move(sweep)), (std::vector<bool>{false, true, true}));
}

CellSummary delivered() {
  CellSummary cell;
  cell.load = LoadSummary{.asked = {.open = true}, .requests = 1000, .sent = 1000};
  cell.load->schedule_error_p99_us = 400;
  cell.load->generator_share = 0.1;
  cell.load->core_busy_share = 0.5;
  return cell;
}

CheckStatus verdict(const CellSummary& cell) { return check_load_delivered(cell)->status; }

TEST(LoadDelivered, PassesWhenItWas) { EXPECT_EQ(verdict(delivered()), CheckStatus::kPass); }

TEST(LoadDelivered, FailsWhenTheRateWasNotReached) {
  CellSummary cell = delivered();
  cell.load->sent = 980;
  EXPECT_EQ(verdict(cell), CheckStatus::kFail);
}

TEST(LoadDelivered, FailsAnOpenLoadAndFlagsAClosedOneWhoseGeneratorWasTheLimit) {
  for (const bool open : {true, false}) {
    const CheckStatus expected = open ? CheckStatus::kFail : CheckStatus::kFlag;
    CellSummary late = delivered(), busy = delivered(), core = delivered();
    for (CellSummary* cell : {&late, &busy, &core}) cell->load->asked.open = open;
    late.load->schedule_error_p99_us = 6000;
    busy.load->generator_share = 0.97;
    core.load->core_busy_share = 0.99;
    EXPECT_EQ(verdict(late), expected);
    EXPECT_EQ(verdict(busy), expected);
    EXPECT_EQ(verdict(core), expected);
  }
}

TEST(LoadDelivered, FlagsWhatIsDoubtful) {
  CellSummary late = delivered(), shared = delivered();
  late.load->schedule_error_p99_us = 2000;
  shared.load->real_time = false;
  EXPECT_EQ(verdict(late), CheckStatus::kFlag);
  EXPECT_EQ(verdict(shared), CheckStatus::kFlag);
  EXPECT_EQ(check_load_delivered(CellSummary{}), std::nullopt);
}

}  // namespace
}  // namespace lumos
