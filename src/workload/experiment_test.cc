#include "workload/experiment.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/random.h"
#include "workload/example_names.h"
#include "workload/expand.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

Experiment parsed(std::string_view text, const std::string& file_name = "e.yaml") {
  const auto experiment = parse_experiment(text, file_name, example_names());
  EXPECT_TRUE(experiment.has_value()) << text << "\n" << (experiment ? "" : experiment.error().message);
  return experiment.value_or(Experiment{});
}

StopRule stop(const std::string& rule) { return parsed("functions: noop\nstop: {" + rule + "}\n").stop; }

nlohmann::ordered_json payload(const std::string& text) {
  const Experiment experiment = parsed("functions: {name: shift, payload: " + text + "}\n");
  return experiment.functions.empty() ? nullptr : experiment.functions[0].payloads[0];
}

std::string shipped(const char* name) {
  return read_file(std::filesystem::path(LUMOS_SOURCE_DIR "/experiments") / name).value_or("");
}

TEST(Experiment, EveryFactorNotNamedHasItsDefault) {
  const Experiment experiment = parsed("functions: [{name: fibonacci}, {name: noop}]\n", "runs/my first.yaml");
  EXPECT_EQ(experiment.name, "my-first");
  EXPECT_EQ(experiment.functions[0].payloads, std::vector<nlohmann::ordered_json>{1'000'000});
  EXPECT_EQ(experiment.functions[1].payloads, std::vector<nlohmann::ordered_json>{nullptr});
  EXPECT_EQ(experiment.runtimes, example_names().runtimes);
  EXPECT_EQ(experiment.start, (std::vector{Start::kCold, Start::kWarm}));
  EXPECT_EQ(experiment.storage, std::vector<std::string>{"inline"});
  EXPECT_EQ(experiment.format, std::vector<std::string>{"json"});
  EXPECT_EQ(experiment.loads, LoadPoints{std::nullopt});
  EXPECT_TRUE(experiment.series);
  EXPECT_EQ(experiment.seed, 42);
  EXPECT_EQ(experiment.stop.of, "p50");
  EXPECT_EQ(experiment.stop.budget, 5min);
}

TEST(Experiment, ReadsTheShippedFiles) {
  const Experiment smoke = parsed(shipped("smoke.yaml"));
  EXPECT_EQ(smoke.name, "smoke");
  EXPECT_EQ(smoke.functions[0].payloads, (std::vector<nlohmann::ordered_json>{10'000, 1'000'000}));
  EXPECT_EQ(smoke.stop.max, 200);
  const Experiment demo = parsed(shipped("demo.yaml"));
  EXPECT_EQ(demo.name, "demo");
  EXPECT_EQ(demo.runtimes.size(), 5);
  EXPECT_EQ(demo.start.size(), 2);  // its stopping rule is tuned now and then
}

TEST(Experiment, TheShippedFilesNameShippedFunctions) {
  const auto functions = FunctionCatalogue::load(LUMOS_SOURCE_DIR "/functions");
  ASSERT_TRUE(functions.has_value()) << functions.error().message;
  for (const char* name : {"smoke.yaml", "demo.yaml"}) {
    const auto experiment = parse_experiment(shipped(name), name, {*functions, example_names().runtimes});
    ASSERT_TRUE(experiment.has_value()) << experiment.error().message;
    for (const Cell& cell : expand(*experiment, *functions, {}).cells) {
      EXPECT_TRUE(cell.expected_digest.has_value()) << cell.factors;  // a wrong answer would go unnoticed
    }
  }
}

TEST(Experiment, TheMatricesHaveAnExpectedDigestForEveryCellOfEveryTier) {
  const auto functions = FunctionCatalogue::load(LUMOS_SOURCE_DIR "/functions");
  ASSERT_TRUE(functions.has_value()) << functions.error().message;
  for (const char* name : {"paper.yaml", "data-plane.yaml"}) {
    for (const char* tier : {"", "smoke", "short", "full"}) {
      const auto experiment = parse_experiment(shipped(name), name, {*functions, example_names().runtimes}, {}, tier);
      ASSERT_TRUE(experiment.has_value()) << experiment.error().message;
      for (const Cell& cell : expand(*experiment, *functions, {}).cells)
        EXPECT_TRUE(cell.expected_digest.has_value()) << cell.factors;
    }
  }
}

TEST(Experiment, ATierTakesThePlacesOfTheKeysItNames) {
  static constexpr const char* kText =
      "functions: [noop]\nruntimes: [runc]\nstop: {min: 7, budget: 1h}\n"
      "tiers:\n  small: {runtimes: [crun], stop: {budget: 1m, visit: 2s}}\n";
  const auto with_tier = [&](const std::string& tier, std::vector<std::string> overrides = {}) {
    return parse_experiment(kText, "e.yaml", example_names(), overrides, tier);
  };
  EXPECT_EQ(with_tier("")->runtimes, std::vector<std::string>{"runc"});
  EXPECT_EQ(with_tier("")->stop.budget, 1h);
  EXPECT_EQ(with_tier("")->stop.visit, std::nullopt);
  EXPECT_EQ(with_tier("small")->runtimes, std::vector<std::string>{"crun"});
  EXPECT_EQ(with_tier("small")->stop.min, 7);
  EXPECT_EQ(with_tier("small")->stop.budget, 60s);
  EXPECT_EQ(with_tier("small")->stop.visit, 2s);
  EXPECT_EQ(with_tier("small", {"stop.budget=2m"})->stop.budget, 120s) << "what is set comes last";
  EXPECT_EQ(with_tier("smal").error().message, "--tier smal: unknown (did you mean 'small'?); known: small");
  EXPECT_EQ(parse_experiment("functions: noop\n", "e.yaml", example_names(), {}, "small").error().message,
            "--tier small: the experiment has no 'tiers'");
}

TEST(Experiment, ReadsEveryKeyInFlowAndInBlockStyle) {
  const Experiment flow = parsed(
      "{name: a_b-1, functions: [{name: fibonacci, payload: 7}], runtimes: [runc], start: [warm], storage: [inline], "
      "format: [json], load: {closed: {concurrency: [1]}}, seed: 1, telemetry: {series: off}, "
      "stop: {of: p99, ci: 0.1, min: 10, max: 1e3, budget: 90s, invocations: 20, timeout: 1.5s}}");
  const Experiment block = parsed(
      "name: a_b-1\nfunctions:\n- name: fibonacci\n  payload:\n  - 7\nruntimes: runc\nstart: warm\nstorage: inline\n"
      "format: json\nload:\n  closed:\n    concurrency: 1\nseed: 1\ntelemetry:\n  series: off\nstop:\n  of: p99\n  ci: "
      "10%\n  min: 10\n"
      "  max: 1000\n  budget: 1.5m\n  invocations: 20\n  timeout: 1500ms\n");
  for (const Experiment& experiment : {flow, block}) {
    EXPECT_EQ(experiment.name, "a_b-1");
    EXPECT_EQ(experiment.functions[0].payloads, std::vector<nlohmann::ordered_json>{7});
    EXPECT_EQ(experiment.runtimes, std::vector<std::string>{"runc"});
    EXPECT_EQ(experiment.start, std::vector{Start::kWarm});
    EXPECT_EQ(experiment.stop.of, "p99");
    EXPECT_DOUBLE_EQ(experiment.stop.ci, 0.1);
    EXPECT_EQ(experiment.stop.min, 10);
    EXPECT_EQ(experiment.stop.max, 1000);
    EXPECT_EQ(experiment.stop.budget, 90s);
    EXPECT_EQ(experiment.stop.invocations, 20);
    EXPECT_EQ(experiment.stop.timeout, 1500ms);
    EXPECT_FALSE(experiment.series);
    EXPECT_EQ(experiment.seed, 1);
  }
}

TEST(Experiment, WholeNumbersAreExact) {
  EXPECT_EQ(payload("0").dump(), "0");
  EXPECT_EQ(payload("-0").dump(), "0");
  EXPECT_EQ(payload("1e6").dump(), "1000000");
  EXPECT_EQ(payload("25E+2").dump(), "2500");
  EXPECT_EQ(payload("-7e0").dump(), "-7");
  EXPECT_EQ(payload("0e999").dump(), "0");
  EXPECT_EQ(payload("9007199254740993").dump(), "9007199254740993");  // 2^53 + 1 is no double
  EXPECT_EQ(payload("9223372036854775807").dump(), "9223372036854775807");
  EXPECT_EQ(payload("-9223372036854775808").dump(), "-9223372036854775808");
  EXPECT_EQ(parsed("functions: noop\nseed: 9223372036854775807\n").seed, 9223372036854775807U);
}

TEST(Experiment, LimitsAreInclusive) {
  EXPECT_EQ(stop("min: 1, max: 1").max, 1);
  EXPECT_EQ(stop("min: 1000000, max: 1e6").min, 1'000'000);
  EXPECT_EQ(stop("invocations: 100000").invocations, 100'000);
  EXPECT_DOUBLE_EQ(stop("ci: 99.9%").ci, 0.999);
  EXPECT_EQ(stop("ci: 5%").ci, stop("ci: 0.05").ci);
  EXPECT_EQ(stop("budget: 1ns").budget, 1ns);
}

TEST(Experiment, AFunctionWithoutPayloadMayHaveNull) {
  EXPECT_EQ(parsed("functions: [{name: noop, payload: null}]\n").functions[0].payloads[0], nullptr);
}

// A value whose plan expands, or a kUsage that names the file: nothing else, whatever the bytes.
void expect_answer(const std::string& text) {
  const KnownNames known = example_names();
  const auto experiment = parse_experiment(text, "e.yaml", known);
  if (experiment) {
    EXPECT_FALSE(expand(*experiment, known.functions, {}).cells.empty()) << text;
  } else {
    EXPECT_EQ(experiment.error().code, ErrorCode::kUsage);
    EXPECT_TRUE(experiment.error().message.starts_with("e.yaml:")) << experiment.error().message << "\n" << text;
  }
}

TEST(Experiment, AFileCutAtAnyByteIsReadOrRefused) {
  const std::string good = shipped("smoke.yaml");
  ASSERT_FALSE(good.empty());
  for (std::size_t size = 0; size <= good.size(); ++size) expect_answer(good.substr(0, size));
}

TEST(Experiment, AFileWithFlippedBytesIsReadOrRefused) {
  const std::string good = shipped("smoke.yaml");
  static constexpr std::string_view kTroublemakers = "{}[]&*!|>'\"%@`:,?-#\n\r\t \\\0\x7f\xff<~"sv;
  RandomStream random(1, "flip");
  for (int round = 0; round < 4000; ++round) {
    std::string text = good;
    for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
      char& byte = text[random.below(text.size())];
      byte = random.below(2) == 0 ? kTroublemakers[random.below(kTroublemakers.size())]
                                  : static_cast<char>(random.below(256));
    }
    expect_answer(text);
  }
}

}  // namespace
}  // namespace lumos
