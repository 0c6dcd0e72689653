#include "workload/experiment_load.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"
#include "workload/example_names.h"
#include "workload/expand.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

Expected<LoadPoints> read(const std::string& text) { return read_load(*parse_yaml(text, "e.yaml")); }

Plan plan_of(const std::string& load) {
  const KnownNames known = example_names();
  const auto e = parse_experiment("functions: [noop]\nruntimes: [crun]\n" + load, "e.yaml", known);
  EXPECT_TRUE(e.has_value()) << e.error().message;
  return expand(*e, known.functions, {});
}

TEST(ExperimentLoad, OneUserWithoutAWindowIsOneRequestAfterTheOther) {
  for (const char* text : {"{closed: {}}", "{closed: {concurrency: 1}}", "{closed: {concurrency: [1]}}"})
    EXPECT_EQ(read(text), LoadPoints{std::nullopt}) << text;
  EXPECT_EQ(read("{closed: {concurrency: [1], duration: 10s}}"), LoadPoints{CellLoad{}});
  EXPECT_EQ(read("{closed: {concurrency: [1, 2]}}"), (LoadPoints{CellLoad{}, CellLoad{.concurrency = 2}}));
}

TEST(ExperimentLoad, ClosedLoadsThink) {
  EXPECT_EQ(read("{closed: {concurrency: 3, think: 50ms, duration: 4s, warmup: 0s, samples: 100}}"),
            (LoadPoints{CellLoad{.concurrency = 3, .think = 50ms, .duration = 4s, .warmup = 0s, .samples = 100}}));
  EXPECT_EQ(read("{closed: {think: 'exp:1s'}}"), (LoadPoints{CellLoad{.think = 1s, .think_exponential = true}}));
}

TEST(ExperimentLoad, OpenLoadsAreEveryRateUnderEveryProcess) {
  const auto points =
      read("{open: {rate: [50, '100:10s,200:5s'], arrivals: [poisson, 'mmpp:4,1s,2s'], duration: 20s}}");
  ASSERT_TRUE(points.has_value()) << points.error().message;
  ASSERT_EQ(points->size(), 4u);
  EXPECT_EQ((*points)[0], (CellLoad{.open = true, .rate = "50", .arrivals = "poisson", .duration = 20s}));
  EXPECT_EQ((*points)[3],
            (CellLoad{.open = true, .rate = "100:10s,200:5s", .arrivals = "mmpp:4,1s,2s", .duration = 20s}));
}

TEST(ExperimentLoad, AScheduleLastsAsLongAsItsPieces) {
  EXPECT_EQ((*read("{open: {rate: '100:4s,100-200:3s'}}"))[0]->duration, 7s);
  EXPECT_EQ((*read("{open: {rate: 100}}"))[0]->duration, 10s);
}

TEST(ExperimentLoad, ListedTimesAreKeptInThePlan) {
  const TemporaryFolder folder;
  const std::string path = (folder / "times.txt").string();
  ASSERT_TRUE(write_file(path, "0.25\n0.5\n1.5\n").has_value());
  const auto points = read("{open: {arrivals: 'file:" + path + "'}}");
  ASSERT_TRUE(points.has_value()) << points.error().message;
  EXPECT_EQ((*points)[0]->times, (std::vector<std::int64_t>{250'000'000, 500'000'000, 1'500'000'000}));
  EXPECT_EQ((*points)[0]->duration, Nanoseconds(1'500'000'001));
  EXPECT_FALSE(read("{open: {rate: 5, arrivals: 'file:" + path + "'}}").has_value());
}

TEST(ExperimentLoad, ItsFactorsAreInEveryCell) {
  const Plan closed = plan_of("load: {closed: {concurrency: [1, 20]}}\n");
  ASSERT_EQ(closed.cells.size(), 2u);
  EXPECT_EQ(closed.cells[1].factors["load"], "closed");
  EXPECT_EQ(closed.cells[1].factors["concurrency"], 20);
  for (const char* factor : {"rate", "arrivals", "start", "cache", "runtime_cache"})
    EXPECT_TRUE(closed.cells[1].factors.at(factor).is_null()) << factor;
  const Plan open = plan_of("load: {open: {rate: [50, 0.5, 'sine:3,2,1s']}}\n");
  ASSERT_EQ(open.cells.size(), 3u);
  EXPECT_EQ(open.cells[0].factors["load"], "open");
  EXPECT_EQ(open.cells[0].factors["rate"], 50);
  EXPECT_EQ(open.cells[1].factors["rate"], 0.5);
  EXPECT_EQ(open.cells[2].factors["rate"], "sine:3,2,1s");
  EXPECT_EQ(open.cells[0].factors["arrivals"], "poisson");
  EXPECT_TRUE(open.cells[0].factors["concurrency"].is_null());
}

}  // namespace
}  // namespace lumos
