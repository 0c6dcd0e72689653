#include "workload/scaling_read.h"

#include <gtest/gtest.h>

#include "workload/example_names.h"
#include "workload/expand.h"
#include "workload/experiment.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

Expected<Experiment> read(const std::string& scaling) {
  return parse_experiment("functions: [noop]\nruntimes: [crun]\nscaling: " + scaling + "\n", "e.yaml", example_names());
}

ScalingFactors factors(const std::string& scaling) {
  const auto experiment = read(scaling);
  EXPECT_TRUE(experiment.has_value()) << (experiment ? "" : experiment.error().message);
  return experiment.value_or(Experiment{}).scaling;
}

TEST(ScalingRead, HasTheDefaultsOfTheStruct) {
  EXPECT_EQ(factors("{}").scaling, Scaling{});
  EXPECT_EQ(factors("{}").all(), std::vector{Scaling{}});
}

TEST(ScalingRead, ReadsEveryKey) {
  const Scaling s = factors(
                        "{autoscaler: kpa, min_scale: 1, max_scale: 8, initial_scale: 2, container_concurrency: 0, "
                        "routing: least-loaded, queue_limit: 9, keep_alive: 4s, timeout: 5s, "
                        "target_utilization_percentage: 50, stable_window: 6s, panic_window_percentage: 20, "
                        "panic_threshold_percentage: 300, scale_to_zero_grace_period: 8s}")
                        .scaling;
  EXPECT_EQ(s, (Scaling{.autoscaler = Autoscaler::kKpa,
                        .min_scale = 1,
                        .max_scale = 8,
                        .initial_scale = 2,
                        .container_concurrency = 0,
                        .routing = Routing::kLeastLoaded,
                        .queue_limit = 9,
                        .keep_alive = 4s,
                        .timeout = 5s,
                        .target_utilization_percentage = 50,
                        .stable_window = 6s,
                        .panic_window_percentage = 20,
                        .panic_threshold_percentage = 300,
                        .scale_to_zero_grace_period = 8s}));
}

TEST(ScalingRead, RoutingAndContainerConcurrencyAreFactors) {
  const auto all =
      factors("{max_scale: 3, routing: [least-loaded, most-recently-used], container_concurrency: [1, 4]}").all();
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[1], (Scaling{.max_scale = 3, .container_concurrency = 4, .routing = Routing::kLeastLoaded}));
  EXPECT_EQ(all[2], (Scaling{.max_scale = 3}));
}

TEST(ScalingRead, RefusesWhatCannotBe) {
  const std::pair<const char*, const char*> cases[] = {
      {"on_demand",
       "e.yaml:3:10: 'scaling' must be a map (keys: autoscaler, min_scale, max_scale, initial_scale, "
       "container_concurrency, routing, queue_limit, keep_alive, timeout, target_utilization_percentage, "
       "stable_window, panic_window_percentage, panic_threshold_percentage, scale_to_zero_grace_period), not "
       "'on_demand'"},
      {"{autoscaler: hpa}", "e.yaml:3:23: unknown autoscaler 'hpa' (did you mean 'kpa'?); known: on_demand, kpa"},
      {"{max_scale: 257}", "e.yaml:3:22: 'scaling.max_scale' must be from 0 to 256, not 257"},
      {"{min_scale: 3, max_scale: 2}",
       "e.yaml:3:22: 'scaling.min_scale' must be at most 'scaling.max_scale' (2), not 3"},
      {"{initial_scale: 3, max_scale: 2}",
       "e.yaml:3:26: 'scaling.initial_scale' must be at most 'scaling.max_scale' (2), not 3"},
      {"{routing: [nearest]}",
       "e.yaml:3:21: unknown routing 'nearest'; known: most-recently-used, least-loaded, two-random-choices"},
      {"{routing: [least-loaded, least-loaded]}", "e.yaml:3:35: 'scaling.routing' lists 'least-loaded' twice"},
      {"{container_concurrency: [1, -1]}",
       "e.yaml:3:38: 'scaling.container_concurrency' must be from 0 to 1000, not -1"},
      {"{queue_limit: all}", "e.yaml:3:24: 'scaling.queue_limit' must be a whole number such as 200 or 1e6, not 'all'"},
      {"{stable_window: 60s}",
       "e.yaml:3:11: 'scaling.stable_window' is of the autoscaler kpa: say also autoscaler: kpa"},
      {"{autoscaler: kpa, stable_window: 5s}", "e.yaml:3:43: 'scaling.stable_window' must be at least 6 s, not '5s'"},
      {"{autoscaler: kpa, panic_threshold_percentage: 100}",
       "e.yaml:3:56: 'scaling.panic_threshold_percentage' must be from 110 to 1000, not 100"},
      {"{keep_alive: 0s}",
       "e.yaml:3:23: 'scaling.keep_alive' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not '0s'"}};
  for (const auto& [text, message] : cases) {
    const auto experiment = read(text);
    ASSERT_FALSE(experiment.has_value()) << text;
    EXPECT_EQ(experiment.error().message, message);
  }
}

TEST(ScalingRead, MultipliesTheDeploymentsOfLoads) {
  Experiment e = *read("{max_scale: 4, routing: [least-loaded, most-recently-used]}");
  e.loads = {CellLoad{.concurrency = 8}};
  const Plan plan = expand(e, example_names().functions, {});
  ASSERT_EQ(plan.deployments.size(), 2U);
  EXPECT_EQ(plan.deployments[0].scaling, (Scaling{.max_scale = 4, .routing = Routing::kLeastLoaded}));
  std::vector<std::string> seen;
  for (const Cell& cell : plan.cells) {
    seen.push_back(std::format("{} {} {}", cell.deployment, cell.factors["routing"].dump(),
                               cell.factors["container_concurrency"].dump()));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"0 \"least-loaded\" 1", "1 \"most-recently-used\" 1"}));
}

TEST(ScalingRead, WithoutItALoadHasOneInstance) {
  Experiment e = *parse_experiment("functions: [noop]\nruntimes: [crun]\n", "e.yaml", example_names());
  e.loads = {CellLoad{.concurrency = 8}};
  EXPECT_EQ(expand(e, example_names().functions, {}).deployments[0].scaling, (Scaling{.min_scale = 1, .max_scale = 1}));
}

TEST(ScalingRead, DoesNotApplyToOneRequestAfterTheOther) {
  const Experiment e = *read("{max_scale: 4}");
  const Plan plan = expand(e, example_names().functions, {});
  EXPECT_EQ(plan.deployments[0].scaling, Scaling{});
  EXPECT_TRUE(plan.cells[0].factors["routing"].is_null());
  EXPECT_EQ(factors_left_out(e, {}),
            std::vector<std::string>{"scaling does not apply: without a load there is one request at a time"});
}

}  // namespace
}  // namespace lumos
