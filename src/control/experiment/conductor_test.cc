#include "control/experiment/conductor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "control/backend/fake.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

Plan small_plan() {
  Plan plan{.name = "t", .seed = 11};
  plan.stop = {.ci = 0.5, .min = 3, .max = 4, .invocations = 5};
  plan.inputs.emplace_back();
  for (std::int64_t d = 0; d < 3; ++d) {
    plan.deployments.push_back({.id = d, .function = "noop", .runtime = "r" + std::to_string(d)});
    for (const Start start : {Start::kCold, Start::kWarm}) {
      const auto id = static_cast<std::int64_t>(plan.cells.size());
      plan.cells.push_back({.id = id, .deployment = d, .start = start, .expected_digest = "d"});
    }
  }
  return plan;
}

// The story of a run: cell, start and latency of every sample.
std::vector<std::string> story(const Store& store) {
  std::vector<std::string> lines;
  std::map<std::int64_t, Visit> visits;
  const auto all_visits = *store.visits();
  const auto all_samples = *store.samples();
  for (const auto& v : all_visits) visits[v.id] = v;
  for (const auto& s : all_samples) {
    if (!visits[s.visit].finished) continue;
    lines.push_back(std::format("{} {} {}", visits[s.visit].round, visits[s.visit].cell, name_of(s.role)));
  }
  return lines;
}

class ConductorTest : public testing::Test {
 protected:
  Expected<RunEnd> run(const ConductorHooks& hooks = {}, FakeScript script = {}) {
    const auto path = folder_ / "run.sqlite";
    auto store = std::filesystem::exists(path) ? Store::open(path, true) : Store::create(path, plan_);
    const auto instances = *store->instances();
    script.first_instance = instances.empty() ? 1 : instances.back().id + 1;
    const auto backend = make_fake_backend(plan_, script);
    return conduct(plan_, *backend, *store, hooks);
  }
  Store store() { return *Store::open(folder_ / "run.sqlite"); }
  std::vector<Visit> visits() { return store().visits().value(); }
  std::vector<Sample> samples() { return store().samples().value(); }

  Plan plan_ = small_plan();
  TemporaryFolder folder_;
};

TEST_F(ConductorTest, VisitsEveryCellInEveryRoundInAnotherOrder) {
  ASSERT_EQ(run(), RunEnd::kMeasured);
  std::map<std::int64_t, std::vector<std::int64_t>> rounds;
  for (const auto& v : visits()) rounds[v.round].push_back(v.cell);
  ASSERT_GE(rounds.size(), 3u);
  EXPECT_EQ(std::set(rounds[0].begin(), rounds[0].end()).size(), 6u);
  EXPECT_NE(rounds[0], rounds[1]);
}

TEST_F(ConductorTest, AColdVisitHasOneColdSampleAndAWarmOneIsPrimedFirst) {
  ASSERT_TRUE(run().has_value());
  std::map<std::int64_t, std::vector<Sample>> by_visit;
  for (const auto& s : samples()) by_visit[s.visit].push_back(s);
  for (const auto& v : visits()) {
    const auto& samples = by_visit[v.id];
    if (plan_.cells[static_cast<std::size_t>(v.cell)].start == Start::kCold) {
      ASSERT_EQ(samples.size(), 1u);
      EXPECT_EQ(samples[0].start, Start::kCold);
    } else {
      ASSERT_EQ(samples.size(), 6u);
      EXPECT_EQ(samples[0].role, Role::kPrime);
      for (std::size_t i = 1; i < 6; ++i) EXPECT_EQ(samples[i].start, Start::kWarm);
    }
  }
}

TEST_F(ConductorTest, EndsWithTheBudget) {
  plan_.stop.budget = std::chrono::milliseconds(50);
  EXPECT_EQ(run(), RunEnd::kBudget);
  EXPECT_FALSE(samples().empty());
}

TEST_F(ConductorTest, AFailureIsDataAndEndsItsVisitOnly) {
  EXPECT_EQ(run({}, {.faults = true}), RunEnd::kMeasured);
  std::int64_t failed = 0;
  for (const auto& s : samples()) {
    if (s.outcome == Outcome::kOk) continue;
    ++failed;
    EXPECT_EQ(s.role, Role::kMeasure);
  }
  EXPECT_GT(failed, 3);
}

TEST_F(ConductorTest, InterruptedAnywhereAndResumedTellsTheStoryOfAnUnbrokenRun) {
  ASSERT_EQ(run(), RunEnd::kMeasured);
  const auto unbroken = story(store());
  for (const int after : {0, 1, 2, 7, 23, 50}) {
    std::filesystem::remove_all(folder_ / "run.sqlite");
    std::filesystem::remove_all(folder_ / "run.sqlite-wal");
    std::filesystem::remove_all(folder_ / "run.sqlite-shm");
    int asked = 0;
    const ConductorHooks stop_early{.interrupted = [&] { return asked++ >= after; }};
    ASSERT_EQ(run(stop_early), RunEnd::kInterrupted) << after;
    ASSERT_EQ(run(), RunEnd::kMeasured) << after;
    // The same visits in the same order; how many rounds a cell needs may differ with other samples, but not here (max
    // 4, wide ci).
    EXPECT_EQ(story(store()), unbroken) << after;
  }
}

TEST_F(ConductorTest, AWarmVisitThatHasLastedLongEnoughBeginsNoFurtherInvocation) {
  plan_.stop.visit = Nanoseconds(1);
  ASSERT_TRUE(run().has_value());
  std::map<std::int64_t, std::vector<Role>> by_visit;
  for (const auto& s : samples()) by_visit[s.visit].push_back(s.role);
  for (const auto& v : visits()) {
    const bool cold = plan_.cells[static_cast<std::size_t>(v.cell)].start == Start::kCold;
    EXPECT_EQ(by_visit[v.id], (cold ? std::vector{Role::kMeasure} : std::vector{Role::kPrime, Role::kMeasure}));
  }
}

/// Has a storage that loses the results of one cell.
class Forgetful final : public Backend {
 public:
  explicit Forgetful(const Plan& plan) : backend_(make_fake_backend(plan, {})) {}

  Expected<> fill_storage(const Cell& cell) override {
    filled.push_back(cell.id);
    if (broken) return fail(ErrorCode::kEnvironment, "storage: gone");
    return {};
  }
  Expected<std::string> look_at_stored(const Cell& cell) override { return cell.id == 1 ? "nothing there" : ""; }
  Expected<Sample> invoke(const Cell& cell, std::int64_t sample) override { return backend_->invoke(cell, sample); }
  Expected<std::vector<Instance>> retire(std::int64_t deployment) override { return backend_->retire(deployment); }
  const Clock& clock() const override { return backend_->clock(); }
  nlohmann::ordered_json describe() const override { return backend_->describe(); }

  std::vector<std::int64_t> filled;
  bool broken = false;

 private:
  std::unique_ptr<Backend> backend_;
};

TEST_F(ConductorTest, AResultThatStorageLacksMakesTheLastInvocationOfAVisitWrong) {
  auto store = *Store::create(folder_ / "run.sqlite", plan_);
  Forgetful backend(plan_);
  ASSERT_TRUE(conduct(plan_, backend, store, {}).has_value());
  const auto all_visits = *store.visits();
  const auto all_samples = *store.samples();
  EXPECT_EQ(backend.filled.size(), all_visits.size());
  std::map<std::int64_t, std::vector<Outcome>> by_visit;
  for (const auto& s : all_samples) by_visit[s.visit].push_back(s.outcome);
  for (const auto& v : all_visits) {
    const auto& outcomes = by_visit[v.id];
    EXPECT_EQ(outcomes.back(), v.cell == 1 ? Outcome::kWrongOutput : Outcome::kOk);
    EXPECT_EQ(std::ranges::count(outcomes, Outcome::kWrongOutput), v.cell == 1 ? 1 : 0);
  }
}

TEST_F(ConductorTest, AStorageThatFailsEndsTheRunAndIsNoSample) {
  auto store = *Store::create(folder_ / "run.sqlite", plan_);
  Forgetful backend(plan_);
  backend.broken = true;
  const auto end = conduct(plan_, backend, store, {});
  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(end.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(store.samples()->empty());
}

/// Writes down what is asked of a backend: i(nvoke), r(etire), m(achine).
class Watched final : public Backend {
 public:
  explicit Watched(const Plan& plan) : backend_(make_fake_backend(plan, {})) {}

  Expected<Sample> invoke(const Cell& cell, std::int64_t sample) override {
    asked += 'i';
    return backend_->invoke(cell, sample);
  }
  Expected<std::vector<Instance>> retire(std::int64_t deployment) override {
    asked += 'r';
    return backend_->retire(deployment);
  }
  MachineUse machine() const override {
    asked += 'm';
    return {.elapsed_ns = backend_->clock().now().count(), .steal_ns = static_cast<std::int64_t>(asked.size())};
  }
  const Clock& clock() const override { return backend_->clock(); }
  nlohmann::ordered_json describe() const override { return backend_->describe(); }

  mutable std::string asked;

 private:
  std::unique_ptr<Backend> backend_;
};

TEST_F(ConductorTest, TheMachineIsReadAroundTheInvocationsOfAVisitAndNeverBetweenThem) {
  Watched backend(plan_);
  {
    auto created = Store::create(folder_ / "run.sqlite", plan_);
    ASSERT_EQ(conduct(plan_, backend, *created, {}), RunEnd::kMeasured);
  }
  EXPECT_TRUE(std::regex_match(backend.asked, std::regex("(mi+mr)+"))) << backend.asked;
  const auto all = visits();
  for (const auto& v : all) {
    const bool cold = plan_.cells[static_cast<std::size_t>(v.cell)].start == Start::kCold;
    EXPECT_EQ(v.machine.steal_ns, cold ? 2 : 7);  // invocations and one more
    EXPECT_GT(*v.machine.elapsed_ns, 0);
    EXPECT_EQ(v.machine.own_cpu_ns, std::nullopt);
  }
}

TEST_F(ConductorTest, ProgressCountsDownToNothing) {
  std::vector<Progress> seen;
  const ConductorHooks hooks{.progress = [&](const Progress& p) { seen.push_back(p); }};
  ASSERT_TRUE(run(hooks).has_value());
  EXPECT_EQ(seen.front().cells, 6);
  EXPECT_GT(seen.front().left.count(), 0);
  EXPECT_EQ(seen.back().left.count(), 0);
  EXPECT_EQ(seen.back().cells_done, 6);
}

class LoadConductorTest : public ConductorTest {
 protected:
  LoadConductorTest() {
    for (Cell& cell : plan_.cells) {
      cell.start = Start::kWarm;
      cell.load = CellLoad{.concurrency = 2 + cell.id, .duration = std::chrono::milliseconds(200), .samples = 7};
    }
  }
};

TEST_F(LoadConductorTest, AVisitOfALoadIsOneRepetition) {
  ASSERT_EQ(run(), RunEnd::kMeasured);
  const auto loads = *store().loads();
  const auto all = visits();
  ASSERT_EQ(loads.size(), all.size());
  EXPECT_EQ(all.size(), 6u * 4);
  std::map<std::int64_t, std::int64_t> kept;
  for (const auto& s : samples()) ++kept[s.visit];
  for (const auto& load : loads) {
    EXPECT_GT(load.requests, 7);
    EXPECT_EQ(kept[load.visit], 7);
    EXPECT_EQ(load.ok(), load.requests);
  }
}

TEST_F(LoadConductorTest, AnInterruptedRepetitionIsMadeAgain) {
  int asked = 0;
  ASSERT_EQ(run({.interrupted = [&] { return asked++ >= 9; }}), RunEnd::kInterrupted);
  const std::size_t before = store().loads()->size();
  EXPECT_LT(before, 24u);
  ASSERT_EQ(run(), RunEnd::kMeasured);
  EXPECT_EQ(store().loads()->size(), 24u);
  EXPECT_EQ(std::ranges::count(visits(), true, &Visit::finished), 24);
}

TEST_F(LoadConductorTest, ProgressShowsALoadUnderWay) {
  int standing = 0;
  ASSERT_TRUE(run({.progress = [&](const Progress& p) { standing += p.load ? 1 : 0; }}).has_value());
  EXPECT_EQ(standing, 24);
}

}  // namespace
}  // namespace lumos
