#include "workload/override.h"

#include <gtest/gtest.h>

#include "workload/example_names.h"

namespace lumos {
namespace {

constexpr std::string_view kFile =
    "functions: [{name: fibonacci, payload: 5}, noop]\nstop: {min: 10, max: 20}\nname: base\n";

Expected<Experiment> with_sets(std::vector<std::string> sets) {
  return parse_experiment(kFile, "e.yaml", example_names(), sets);
}

std::string refused(const std::string& set) {
  const auto result = with_sets({set});
  return result ? "accepted" : result.error().message;
}

TEST(Override, ReplacesAddsAndAppliesInOrder) {
  const auto experiment = with_sets({"stop.min=7", "stop.budget=2m", "runtimes=[runc, crun]", "stop.min=8", "seed=7"});
  ASSERT_TRUE(experiment.has_value()) << experiment.error().message;
  EXPECT_EQ(experiment->stop.min, 8);
  EXPECT_EQ(experiment->stop.max, 20);
  EXPECT_EQ(experiment->stop.budget, std::chrono::minutes(2));
  EXPECT_EQ(experiment->runtimes, (std::vector<std::string>{"runc", "crun"}));
  EXPECT_EQ(experiment->seed, 7);
}

TEST(Override, MakesMissingMapsAndReachesIntoLists) {
  const auto experiment = with_sets({"load.closed.concurrency=1", "functions.0.payload=[6, 7]"});
  ASSERT_TRUE(experiment.has_value()) << experiment.error().message;
  EXPECT_EQ(experiment->functions[0].payloads.size(), 2);
}

TEST(Override, CanWriteAWholeExperimentIntoAnEmptyFile) {
  const std::vector<std::string> sets{"functions=noop"};
  const auto experiment = parse_experiment("", "empty.yaml", example_names(), sets);
  ASSERT_TRUE(experiment.has_value()) << experiment.error().message;
  EXPECT_EQ(experiment->name, "empty");
}

TEST(Override, ErrorsNameTheOption) {
  const std::pair<const char*, const char*> bad[] = {
      {"stop.budget", "--set stop.budget: expected KEY=VALUE, such as stop.budget=2m"},
      {"", "--set : expected KEY=VALUE, such as stop.budget=2m"},
      {"=2m", "--set =2m: expected KEY=VALUE, such as stop.budget=2m"},
      {"stop..min=1", "--set stop..min=1: expected KEY=VALUE, such as stop.budget=2m"},
      {".seed=1", "--set .seed=1: expected KEY=VALUE, such as stop.budget=2m"},
      {"seed.=1", "--set seed.=1: expected KEY=VALUE, such as stop.budget=2m"},
      {"stop.budgt=2m",
       "--set stop.budgt=2m: unknown key 'budgt' in 'stop' (did you mean 'budget'?); known: of, ci, min, max, budget, "
       "invocations, visit, timeout"},
      {"stop.budget=2 fortnights",
       "--set stop.budget=2 fortnights: 'stop.budget' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not '2 "
       "fortnights'"},
      {"stop.budget=",
       "--set stop.budget=: 'stop.budget' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not nothing"},
      {"stop.max=9", "--set stop.max=9: 'stop.max' must be at least 'stop.min' (10), not 9"},
      {"name.first=x", "--set name.first=x: 'name' is the single value 'base', it has no 'first'"},
      {"functions.2.payload=1",
       "--set functions.2.payload=1: 'functions' is a list of 2: expected an index from 0, not '2'"},
      {"functions.noop=1", "--set functions.noop=1: 'functions' is a list of 2: expected an index from 0, not 'noop'"},
      {"functions.0.payload=x",
       "--set functions.0.payload=x: 'payload' of function 'fibonacci' must be a whole number such as 200 or 1e6, not "
       "'x'"},
      {"runtimes=[runc",
       "--set runtimes=[runc: a key must be a word, not a list or a map (or a bracket is never closed)"},
      {"name='x", "--set name='x: this quote is never closed"},
      {"seed=*x", "--set seed=*x: anchors and aliases are not allowed"},
      {"seed=1\x01", "--set seed=1?: control character 0x01 is not allowed"},
      {"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1",
       "--set a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1: 'a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a' is no key"},
  };
  for (const auto& [set, message] : bad) EXPECT_EQ(refused(set), message);
}

}  // namespace
}  // namespace lumos
