#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "report/phases_text.h"
#include "report/results_json.h"
#include "report/results_text.h"
#include "report/text.h"
#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

TEST(ResultsJson, NotMeasuredAndInfiniteAreNull) {
  SyntheticRun made;
  made.add_cell("noop", nullptr, "sandbox", Start::kCold);
  const auto failed = made.add_cell("noop", nullptr, "crun", Start::kCold);
  made.add_cold(failed, 20, 10'000);
  for (auto* sample : made.measured(failed)) sample->outcome = Outcome::kLaunchFailed;
  const auto json = Json::parse(results_json(summarise(made.run)));
  const auto& nothing = json["cells"][0]["metrics"];
  for (const char* name : {"cpu_ms", "cpu_launch_ms", "memory_peak_bytes", "image_bytes"})
    EXPECT_TRUE(nothing[name].is_null());
  EXPECT_EQ(nothing["latency_ms"]["n"], 0);
  EXPECT_TRUE(nothing["latency_ms"]["p50"].is_null());
  EXPECT_EQ(nothing["ratio_to"], Json({{"runc", nullptr}, {"crun", nullptr}}));
  const auto& infinite = json["cells"][1]["metrics"]["latency_ms"];
  EXPECT_EQ(infinite["n"], 20);
  for (const char* name : {"mean", "p50", "p50_ci", "p99"}) EXPECT_TRUE(infinite[name].is_null()) << name;
  EXPECT_EQ(json["cells"][1]["outcomes"], Json({{"ok", 0}, {"launch_failed", 20}}));
}

TEST(ResultsJson, AnIntervalThatReachesFailuresHasANullEnd) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kCold);
  made.add_cold(cell, 20, 10'000);
  for (std::size_t i = 0; i < 9; ++i) made.measured(cell)[i]->outcome = Outcome::kTimeout;
  const auto json = Json::parse(results_json(summarise(made.run)));
  const auto& metrics = json["cells"][0]["metrics"];
  EXPECT_TRUE(metrics["latency_ms"]["p50_ci"][0].is_number());
  EXPECT_TRUE(metrics["latency_ms"]["p50_ci"][1].is_null());
  EXPECT_TRUE(metrics["latency_ok_ms"]["p50_ci"][1].is_number());
}

TEST(Results, SurviveWhatFunctionsWrite) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", 1, "wasm-aot", Start::kCold);
  made.run.plan.cells[0].factors["payload"] = "\xff\xfe";
  made.add_cold(cell, 6, 10'000);
  made.instances(cell)[0]->aot_code_bytes = 0;
  made.instances(cell)[0]->note = "\x1b[2J\xff" + std::string(5000, 'x');
  made.measured(cell)[0]->digest = "\x1b]0;title\x07";
  const auto summary = summarise(made.run);
  EXPECT_TRUE(Json::accept(results_json(summary)));
  EXPECT_THAT(results_text(summary), Not(HasSubstr("\x1b")));
}

TEST(ResultsText, NoLineIsTooWide) {
  SyntheticRun made("a run with a name " + std::string(200, 'x'));
  for (const char* runtime : {"runc", "crun", "wasm-interp"}) {
    for (const std::int64_t us : {1'000, 123'456'789}) {
      const auto cell = made.add_cell("function" + std::string(60, 'y'), us, runtime, Start::kWarm);
      made.add_warm(cell, 20, 20, us);
      made.run.plan.deployments.back().image_bytes = 123'456'789'012;
      for (std::size_t i = 0; i < 100; ++i) made.measured(cell)[i]->outcome = Outcome::kTimeout;
    }
  }
  const std::string text = results_text(summarise(made.run));
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    EXPECT_LE(display_width(text.substr(begin, end - begin)), kResultsWidth) << text.substr(begin, end - begin);
    begin = end + 1;
  }
}

TEST(ResultsText, OfAnEmptyRunSaysSo) {
  EXPECT_EQ(results_text(summarise(RunData{.name = "empty", .events = {{"end", "measured"}}})),
            "Run empty: 0 cells.\n\nNothing was measured.\n");
}

TEST(ResultsText, SaysHowARunEndedThatWasNotDone) {
  const auto text_of = [](std::vector<std::pair<std::string, std::string>> events) {
    return results_text(summarise(RunData{.name = "r", .events = std::move(events)}));
  };
  EXPECT_THAT(text_of({{"end", "budget"}}), testing::HasSubstr("Its budget ended it"));
  EXPECT_THAT(text_of({{"broken", "the gateway died"}}), testing::HasSubstr("It broke: the gateway died"));
  EXPECT_THAT(text_of({{"end", "interrupted"}, {"resume", "now"}}), testing::HasSubstr("--resume goes on"));
  EXPECT_THAT(text_of({}), testing::HasSubstr("ended from outside"));
}

TEST(PhasesText, RowsAddUpToTheLatency) {
  SyntheticRun made;
  made.add_cold(made.add_cell("noop", nullptr, "crun", Start::kCold), 20, 10'000);
  const RunSummary summary = summarise(made.run);
  const PhaseSummary& phases = summary.cells.at(0).phases;
  double sum = *phases.mean_residual_ms;
  for (const auto& [name, ms] : phases.mean_phases) sum += ms;
  EXPECT_NEAR(sum, *phases.mean_latency_ms, 1e-9);
  EXPECT_THAT(phases_text(summary), testing::HasSubstr(std::format("{:.3f}", *phases.mean_latency_ms)));
}

TEST(ResultsText, ShowsTheFailedColumnOnlyWhenSomethingFailed) {
  SyntheticRun made;
  const auto cell = made.add_cell("noop", nullptr, "crun", Start::kCold);
  made.add_cold(cell, 20, 10'000);
  EXPECT_THAT(results_text(summarise(made.run)), Not(HasSubstr("×crun  failed")));
  made.measured(cell)[0]->outcome = Outcome::kTimeout;
  EXPECT_THAT(results_text(summarise(made.run)), HasSubstr("×crun  failed"));
}

TEST(ResultsText, MarksRatiosThatShowNoDifference) {
  SyntheticRun made;
  for (const char* runtime : {"runc", "crun"})
    made.add_cold(made.add_cell("noop", 1, runtime, Start::kCold), 20, 10'000);
  for (const char* runtime : {"runc", "crun"})
    made.add_cold(made.add_cell("noop", 2, runtime, Start::kCold), 3, 10'000);
  const std::string text = results_text(summarise(made.run));
  EXPECT_THAT(text, HasSubstr("≈"));
  EXPECT_THAT(text, HasSubstr("?\n"));
  EXPECT_THAT(text, HasSubstr("no difference shown"));
}

/// A closed sweep on two runtimes, one of which has nothing left to give; an open rate with failures.
SyntheticRun loads() {
  SyntheticRun made("20260131T235958Z-loads");
  for (const auto& [users, per_s] : {std::pair(1, 900), std::pair(10, 4000), std::pair(50, 4100)})
    made.add_load("noop", "crun", {.concurrency = users}, 6, per_s, users * 1'000'000 / per_s);
  for (const auto& [users, per_s] : {std::pair(1, 700), std::pair(10, 1500), std::pair(50, 2400)})
    made.add_load("noop", "wasm-aot", {.concurrency = users}, 6, per_s, users * 1'000'000 / per_s);
  made.add_load("noop", "crun", {.open = true, .rate = "200"}, 6, 190, 900, 100);
  return made;
}

TEST(ResultsText, LoadsHaveARowPerLevel) {
  const std::string text = results_text(summarise(loads().run));
  for (const char* words : {"noop crun, closed load", "noop wasm-aot, closed load",
                            "noop crun, open load, arrivals poisson", "50 users", "200/s", "right/s", "saturated"})
    EXPECT_THAT(text, HasSubstr(words));
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    EXPECT_LE(display_width(std::string_view(text).substr(begin, end - begin)), kResultsWidth);
    begin = end + 1;
  }
}

TEST(ResultsJson, ALoadHasItsNumbers) {
  const auto json = Json::parse(results_json(summarise(loads().run)));
  const auto& users = json["cells"][1]["metrics"];
  EXPECT_NEAR(users["throughput_per_s"].get<double>(), 4000, 10);
  EXPECT_EQ(users["latency_ms"]["n"], 6 * 40'000);
  EXPECT_EQ(users["load"]["saturated"], true);
  EXPECT_TRUE(users["load"]["asked_per_s"].is_null());
  EXPECT_EQ(users["load"]["starts"]["warm"], 6 * 40'000);
  const auto& rate = json["cells"][6];
  EXPECT_EQ(rate["metrics"]["load"]["asked_per_s"], 200);
  EXPECT_EQ(rate["outcomes"]["timeout"], 600);
  EXPECT_TRUE(rate["metrics"]["latency_ms"]["p99"].is_null());
}

}  // namespace
}  // namespace lumos
