#include "workload/expand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "workload/example_names.h"

namespace lumos {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RuntimeTable example_runtimes() {
  return {{"runc", {.columns = {{"isolation", "container"}}}},
          {"sandbox", {.resident = true}},
          {"wasm-interp", {.artefact = ArtefactKind::kWasm}},
          {"wasm-aot", {.artefact = ArtefactKind::kAot}}};
}

Experiment experiment_of(std::string_view text) {
  const auto experiment = parse_experiment(text, "e.yaml", example_names());
  EXPECT_TRUE(experiment.has_value()) << (experiment ? "" : experiment.error().message);
  return experiment.value_or(Experiment{});
}

Plan plan_of(std::string_view text) {
  return expand(experiment_of(text), example_names().functions, example_runtimes());
}

std::vector<std::string> deployments_in(const Plan& plan) {
  std::vector<std::string> labels;
  for (const auto& d : plan.deployments) labels.push_back(d.runtime + " " + label_of(d.variant));
  return labels;
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
  EXPECT_EQ(
      plan.cells[0].factors.dump(),
      R"({"function":"fibonacci","payload":10000,"runtime":"runc","start":"warm","cache":null,"runtime_cache":null,)"
      R"("base":"scratch",)"
      R"("isa":"baseline","wasm_simd":null,"aot_level":null,"device":"none","neighbour":"none","storage":"inline","connection":null,"format":"json",)"
      R"("load":"closed","concurrency":1,"rate":null,"arrivals":null,"routing":null,"container_concurrency":null,"link_client":"none","link_registry":null,"link_storage":null})");
  EXPECT_EQ(plan.cells[0].start, Start::kWarm);
  EXPECT_EQ(plan.input_of(plan.cells[0]).body, R"({"n":10000})");
  EXPECT_EQ(plan.cells[0].expected_digest, "f1");
}

TEST(Expand, CellsOfOneFunctionPayloadAndFormatShareTheirInput) {
  const Plan plan = plan_of(
      "functions: [{name: fibonacci, payload: [5, 6]}, noop]\nformat: [json, cbor, protobuf]\nruntimes: [crun, "
      "runc]\n");
  ASSERT_EQ(plan.cells.size(), 3 * 3 * 2 * 2);
  ASSERT_EQ(plan.inputs.size(), 3 * 3);
  for (const auto& cell : plan.cells) {
    const Input& input = plan.input_of(cell);
    EXPECT_EQ(input.function, cell.factors["function"].get<std::string>());
    EXPECT_EQ(input.payload, cell.factors["payload"]);
    EXPECT_EQ(input.format, cell.factors["format"].get<std::string>());
    EXPECT_EQ(input.made, input.format == "json") << "the rest is for the build to make";
  }
  EXPECT_EQ(plan.inputs[0].body, R"({"n":5})");
  EXPECT_EQ(plan.inputs[0].content_type, "application/json");
  EXPECT_EQ(plan.inputs[0].payload_bytes, 7);
  EXPECT_EQ(plan.inputs[0].payload_hash, "sha256:" + sha256(R"({"n":5})"));
  EXPECT_EQ(plan.inputs[2].content_type, "application/x-protobuf");
  EXPECT_EQ(plan.inputs[2].payload_bytes, std::nullopt);
}

TEST(Expand, CarriesNameSeedStopAndTraits) {
  const Plan plan = plan_of(
      "name: x\nfunctions: noop\nruntimes: [runc, crun]\nseed: 9\nstop: {min: 7}\ntelemetry: {series: off, probes: 3}\n"
      "density: 16\n");
  EXPECT_EQ(plan.name, "x");
  EXPECT_EQ(plan.seed, 9);
  EXPECT_EQ(plan.stop.min, 7);
  EXPECT_FALSE(plan.series);
  EXPECT_EQ(plan.probes, 3);
  EXPECT_EQ(plan.density, 16);
  EXPECT_EQ(plan_of("functions: noop\n").density, 0);
  EXPECT_EQ(plan.deployments[0].traits.dump(), R"({"isolation":"container"})");
  EXPECT_EQ(plan.deployments[1].traits.dump(), "{}");
}

TEST(Expand, AFactorMultipliesOnlyTheRuntimesItAppliesTo) {
  const Plan plan = plan_of(
      "functions: noop\nruntimes: [crun, wasm-interp, wasm-aot]\nstart: cold\n"
      "base: [scratch, debian-slim]\nisa: [baseline, native]\nwasm_simd: [off, on]\naot_level: [0, 3]\n");
  EXPECT_THAT(
      deployments_in(plan),
      ElementsAre("crun scratch-baseline", "crun scratch-native", "crun debian-slim-baseline",
                  "crun debian-slim-native", "wasm-interp scratch", "wasm-interp scratch-simd",
                  "wasm-aot scratch-baseline-O0", "wasm-aot scratch-baseline-O3", "wasm-aot scratch-baseline-simd-O0",
                  "wasm-aot scratch-baseline-simd-O3", "wasm-aot scratch-native-O0", "wasm-aot scratch-native-O3",
                  "wasm-aot scratch-native-simd-O0", "wasm-aot scratch-native-simd-O3"));
  EXPECT_EQ(plan.cells.size(), plan.deployments.size());
  EXPECT_EQ(
      plan.cells[5].factors.dump(),
      R"({"function":"noop","payload":null,"runtime":"wasm-interp","start":"cold",)"
      R"("cache":"memory","runtime_cache":"memory","base":"scratch","isa":null,)"
      R"("wasm_simd":"on","aot_level":null,"device":"none","neighbour":"none","storage":"inline","connection":null,"format":"json",)"
      R"("load":"closed","concurrency":1,"rate":null,"arrivals":null,"routing":null,"container_concurrency":null,"link_client":"none","link_registry":null,"link_storage":null})");
}

TEST(Expand, AnEnvironmentIsADeploymentOfItsOwnWhereTheFunctionHasAnObject) {
  const Plan plan = plan_of(
      "functions: [noop, copy]\nruntimes: crun\nstart: warm\nstorage: [inline, local, redis]\n"
      "connection: [kept, fresh]\n");
  std::vector<std::string> environments;
  for (const auto& d : plan.deployments)
    environments.push_back(d.function + " " + d.environment.storage + " " + d.environment.connection.value_or("-"));
  EXPECT_THAT(environments,
              ElementsAre("noop inline -", "copy inline -", "copy local -", "copy redis kept", "copy redis fresh"));
  ASSERT_EQ(plan.cells.size(), 5);
  for (const auto& cell : plan.cells) EXPECT_EQ(cell.deployment, cell.id);
  EXPECT_EQ(plan.cells[2].factors["storage"], "local");
  EXPECT_TRUE(plan.cells[2].factors["connection"].is_null());
  EXPECT_EQ(plan.cells[4].factors["connection"], "fresh");
  EXPECT_FALSE(plan.input_of(plan.cells[1]).stored);
  EXPECT_TRUE(plan.input_of(plan.cells[2]).stored);
}

TEST(Expand, AModuleStandsOnScratchAlsoWhereTheExperimentNamesAnotherBaseOnly) {
  const Plan plan = plan_of("functions: noop\nruntimes: [runc, wasm-aot]\nbase: debian-slim\n");
  EXPECT_THAT(deployments_in(plan), ElementsAre("runc debian-slim-baseline", "wasm-aot scratch-baseline-O3"));
}

TEST(Expand, CacheStatesMultiplyColdStartsAloneAndTheRuntimesOnlyWhereItHasFiles) {
  const Plan plan =
      plan_of("functions: noop\nruntimes: [sandbox, crun]\ncache: [memory, disk]\nruntime_cache: [disk, memory]\n");
  std::vector<std::string> points;
  for (const auto& cell : plan.cells) {
    const auto& f = cell.factors;
    points.push_back(f["runtime"].get<std::string>() + f["start"].dump() + f["cache"].dump() +
                     f["runtime_cache"].dump());
  }
  EXPECT_THAT(points,
              ElementsAre(R"(sandbox"cold""memory""memory")", R"(sandbox"cold""disk""memory")",
                          R"(sandbox"warm"nullnull)", R"(crun"cold""memory""disk")", R"(crun"cold""memory""memory")",
                          R"(crun"cold""disk""disk")", R"(crun"cold""disk""memory")", R"(crun"warm"nullnull)"));
}

TEST(FactorsLeftOut, NamesCacheStatesThatChangeNothing) {
  const auto left_out = [](const std::string& lines) {
    return factors_left_out(experiment_of("functions: noop\nruntimes: [sandbox, crun]\n" + lines), example_runtimes());
  };
  EXPECT_THAT(left_out("cache: [memory, disk]\n"), IsEmpty());
  EXPECT_THAT(left_out("runtime_cache: disk\n"),
              ElementsAre("runtime_cache does not apply to sandbox: it is Lumos itself, which is in memory"));
  EXPECT_THAT(left_out("runtime_cache: disk\nstart: warm\n"),
              ElementsAre("cache and runtime_cache do not apply to warm starts"));
}

TEST(FactorsLeftOut, SaysWhichRuntimesAFactorDoesNotApplyTo) {
  const auto left_out = [](const std::string& lines) {
    return factors_left_out(experiment_of("functions: noop\nruntimes: [crun, wasm-interp, wasm-aot]\n" + lines),
                            example_runtimes());
  };
  EXPECT_THAT(left_out(""), IsEmpty());
  EXPECT_THAT(left_out("base: scratch\nisa: baseline\nwasm_simd: off\naot_level: 3\n"), IsEmpty());
  EXPECT_THAT(left_out("base: [scratch, debian-slim]\n"),
              ElementsAre("base does not apply to wasm-interp, wasm-aot: a module needs nothing below it, its image "
                          "stands on scratch"));
  EXPECT_THAT(left_out("isa: native\nwasm_simd: on\naot_level: 0\n"),
              ElementsAre("isa does not apply to wasm-interp: an interpreted module has no machine code",
                          "wasm_simd does not apply to crun: it is no module",
                          "aot_level does not apply to crun, wasm-interp: it is not compiled ahead of time"));
  EXPECT_THAT(
      factors_left_out(experiment_of("functions: noop\nruntimes: crun\nbase: debian-slim\n"), example_runtimes()),
      IsEmpty());
}

}  // namespace
}  // namespace lumos
