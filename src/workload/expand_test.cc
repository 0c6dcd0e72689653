#include "workload/expand.h"

#include <gtest/gtest.h>

#include "workload/example_names.h"

namespace lumos {
namespace {

Plan plan_of(std::string_view text) {
  const KnownNames known = example_names();
  const auto experiment = parse_experiment(text, "e.yaml", known);
  EXPECT_TRUE(experiment.has_value()) << (experiment ? "" : experiment.error().message);
  return expand(experiment.value_or(Experiment{}), known.functions, {{"runc", {{"isolation", "container"}}}});
}

TEST(Expand, IsTheFullCrossProductInTheOrderOfTheExperiment) {
  const Plan plan = plan_of("functions: [{name: fibonacci, payload: [1e6, 5]}, noop]\nruntimes: [crun, runc]\n");
  ASSERT_EQ(plan.cells.size(), 2 * 2 * 2 + 1 * 2 * 2);
  std::string order;
  for (const auto& cell : plan.cells) {
    order += std::format("{} {} {}\n", cell.factors["payload"].dump(), cell.factors["runtime"].dump(),
                         cell.factors["start"].dump());
  }
  EXPECT_TRUE(
      order.starts_with("1000000 \"crun\" \"cold\"\n"
                        "1000000 \"crun\" \"warm\"\n"
                        "1000000 \"runc\" \"cold\"\n"
                        "1000000 \"runc\" \"warm\"\n"
                        "5 \"crun\" \"cold\"\n"))
      << order;
  EXPECT_TRUE(order.ends_with("null \"runc\" \"warm\"\n")) << order;
}

TEST(Expand, IdsAreDenseAndCellsPointAtTheirDeployment) {
  const Plan plan = plan_of("functions: [{name: fibonacci, payload: [1, 2, 3]}, noop]\n");
  ASSERT_EQ(plan.deployments.size(), 10);
  for (std::size_t i = 0; i < plan.deployments.size(); ++i) EXPECT_EQ(plan.deployments[i].id, i);
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const Cell& cell = plan.cells[i];
    EXPECT_EQ(cell.id, i);
    const Deployment& deployment = plan.deployments.at(static_cast<std::size_t>(cell.deployment));
    EXPECT_EQ(cell.factors["function"], deployment.function);
    EXPECT_EQ(cell.factors["runtime"], deployment.runtime);
  }
}

TEST(Expand, ACellCarriesEveryFactorInTheCanonicalOrder) {
  const Plan plan = plan_of("functions: [{name: fibonacci, payload: 10000}]\nruntimes: runc\nstart: warm\n");
  ASSERT_EQ(plan.cells.size(), 1);
  EXPECT_EQ(plan.cells[0].factors.dump(),
            R"({"function":"fibonacci","payload":10000,"runtime":"runc","start":"warm","base":"scratch",)"
            R"("isa":"baseline","storage":"inline","format":"json","concurrency":1})");
  EXPECT_EQ(plan.cells[0].start, Start::kWarm);
  EXPECT_EQ(plan.cells[0].request, R"({"n":10000})");
  EXPECT_EQ(plan.cells[0].expected_digest, "f1");
}

TEST(Expand, CarriesNameSeedStopAndTraits) {
  const Plan plan = plan_of("name: x\nfunctions: noop\nruntimes: [runc, crun]\nseed: 9\nstop: {min: 7}\ntelemetry: {series: off}\n");
  EXPECT_EQ(plan.name, "x");
  EXPECT_EQ(plan.seed, 9);
  EXPECT_EQ(plan.stop.min, 7);
  EXPECT_FALSE(plan.series);
  EXPECT_EQ(plan.deployments[0].traits.dump(), R"({"isolation":"container"})");
  EXPECT_EQ(plan.deployments[1].traits.dump(), "{}");
}

}  // namespace
}  // namespace lumos
