#include "analysis/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/run_summary.h"
#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Finding, ComparesTheRuntimesWithBothBaselines) {
  SyntheticRun made;
  for (const auto& [runtime, us] : {std::pair{"runc", 12'000}, {"crun", 10'000}, {"wasm-aot", 30'000}}) {
    made.add_cold(made.add_cell("noop", nullptr, runtime, Start::kCold), 20, us);
  }
  const auto sentence = summarise(made.run).finding;
  EXPECT_THAT(sentence, StartsWith("noop cold: runc 1"));
  EXPECT_THAT(sentence, ::testing::ContainsRegex("wasm-aot [0-9.]+ ms \\(2\\.[0-9]+ × runc, [23]\\.[0-9]+ × crun\\)"));
  EXPECT_THAT(sentence, HasSubstr("all outputs equal, AoT proven on 20 of 20 instances."));
}

TEST(Finding, NeverClaimsADifferenceThatItsIntervalDoesNotShow) {
  SyntheticRun made;
  for (const char* runtime : {"crun", "wasm-aot"})
    made.add_cold(made.add_cell("noop", nullptr, runtime, Start::kCold), 20, 10'000);
  const auto sentence = summarise(made.run).finding;
  EXPECT_THAT(sentence, HasSubstr("(not told apart from crun)"));
  EXPECT_THAT(sentence, Not(HasSubstr("×")));
}

TEST(Finding, NamesBothBaselinesThatAreAlike) {
  SyntheticRun made;
  for (const char* runtime : {"runc", "crun", "wasm-aot"})
    made.add_cold(made.add_cell("noop", nullptr, runtime, Start::kCold), 20, 10'000);
  EXPECT_THAT(summarise(made.run).finding, HasSubstr("(not told apart from runc or crun)"));
}

TEST(Finding, ClaimsNothingOfTooFewReplicates) {
  SyntheticRun made;
  for (const auto& [runtime, us] : {std::pair{"crun", 10'000}, {"wasm-aot", 30'000}}) {
    made.add_cold(made.add_cell("noop", nullptr, runtime, Start::kCold), 5, us);
  }
  const auto sentence = summarise(made.run).finding;
  EXPECT_THAT(sentence, Not(HasSubstr("×")));
  EXPECT_THAT(sentence, HasSubstr("no comparison below 6 replicates, 2 checks flagged"));
}

TEST(Finding, SaysFirstWhatFailedAndQuotesNothingOfIt) {
  SyntheticRun made;
  for (const auto& [runtime, us] : {std::pair{"crun", 10'000}, {"wasm-interp", 20'000}, {"wasm-aot", 30'000}}) {
    made.add_cold(made.add_cell("noop", nullptr, runtime, Start::kCold), 20, us);
  }
  made.instances(2)[0]->aot_code_bytes = 0;
  auto sentence = summarise(made.run).finding;
  EXPECT_THAT(sentence, StartsWith("CHECKS FAILED: aot_executed (noop cold wasm-aot); "));
  EXPECT_THAT(sentence, HasSubstr("wasm-aot not counted"));
  EXPECT_THAT(sentence, HasSubstr("× crun)"));  // wasm-interp
  EXPECT_THAT(sentence, HasSubstr("AoT proven on 19 of 20 instances"));

  made.measured(0)[0]->start = Start::kWarm;
  sentence = summarise(made.run).finding;
  EXPECT_THAT(sentence, StartsWith("CHECKS FAILED: cold_verified (noop cold crun), aot_executed"));
  EXPECT_THAT(sentence, Not(HasSubstr("×")));  // no ratio to a baseline that failed
}

TEST(Finding, NamesTheGroupOfEachStartThatDiffersMost) {
  SyntheticRun made;
  for (const int payload : {1, 2, 3}) {
    for (const char* runtime : {"crun", "wasm-interp"}) {
      const bool slow = payload == 2 && runtime != std::string("crun");
      made.add_warm(made.add_cell("fibonacci", payload, runtime, Start::kWarm), 8, 5, slow ? 50'000 : 1000);
    }
  }
  const auto sentence = summarise(made.run).finding;
  EXPECT_THAT(sentence, StartsWith("fibonacci(2) warm: crun "));
  EXPECT_THAT(sentence, HasSubstr("2 more groups in the table"));
}

}  // namespace
}  // namespace lumos
