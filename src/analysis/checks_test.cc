#include "analysis/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/run_summary.h"
#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

using ::testing::AllOf;
using ::testing::Field;
using ::testing::HasSubstr;

/// The named check of a cell; one named "absent" when it was not made.
Check check_of(const RunData& run, std::int64_t cell, const std::string& name) {
  const auto summary = summarise(run);
  for (const auto& check : summary.cells[static_cast<std::size_t>(cell)].checks) {
    if (check.name == name) return check;
  }
  return {.name = "absent"};
}

auto is(CheckStatus status, const std::string& evidence) {
  return AllOf(Field("status", &Check::status, status), Field("detail", &Check::detail, HasSubstr(evidence)));
}

constexpr auto kPass = CheckStatus::kPass;
constexpr auto kFlag = CheckStatus::kFlag;
constexpr auto kFail = CheckStatus::kFail;

/// Cells 0 to 3: fibonacci under crun and wasm-aot, cold and warm; 4: wasm-interp cold.
struct Checks : ::testing::Test {
  Checks() {
    for (const char* runtime : {"crun", "wasm-aot"}) {
      made.add_cold(made.add_cell("fibonacci", 10, runtime, Start::kCold), 20, 10'000);
      made.add_warm(made.add_cell("fibonacci", 10, runtime, Start::kWarm), 10, 20, 1000);
    }
    made.add_cold(made.add_cell("fibonacci", 10, "wasm-interp", Start::kCold), 20, 50'000);
  }
  Check check(std::int64_t cell, const std::string& name) const { return check_of(made.run, cell, name); }

  SyntheticRun made;
};

TEST_F(Checks, AllPassOnASoundRun) {
  for (const auto& cell : summarise(made.run).cells) {
    EXPECT_GE(cell.checks.size(), 5U);
    for (const auto& check : cell.checks) {
      EXPECT_EQ(check.status, kPass) << cell.factors << ' ' << check.name << ": " << check.detail;
      EXPECT_TRUE(check.detail.ends_with('.')) << check.detail;
    }
  }
}

TEST_F(Checks, SameOutputFailsOnAWrongAnswer) {
  auto& sample = *made.measured(0)[3];
  sample.outcome = Outcome::kWrongOutput;
  sample.digest = "dead";
  EXPECT_THAT(check(0, "same_output"), is(kFail, "1 of 20 answers"));
  EXPECT_THAT(check(1, "same_output"), is(kPass, "expected"));  // its own answers are the expected ones
}

TEST_F(Checks, SameOutputFailsOnAnUnexpectedDigestThatNobodyNoticed) {
  made.measured(0)[3]->digest = "dead";
  EXPECT_THAT(check(0, "same_output"), is(kFail, "dead"));
}

TEST_F(Checks, SameOutputFailsOnAllRuntimesThatDifferWhenNothingIsExpected) {
  for (auto& cell : made.run.plan.cells) cell.expected_digest.reset();
  EXPECT_THAT(check(0, "same_output"), is(kPass, "the same on all runtimes"));
  for (auto* sample : made.measured(2)) sample->digest = "beef";
  EXPECT_THAT(check(0, "same_output"), is(kFail, "or beef, wasm-interp"));
  EXPECT_THAT(check(2, "same_output"), is(kFail, "crun "));
}

TEST_F(Checks, SameOutputFailsOnResultsThatDifferWithinACell) {
  made.run.plan.cells[0].expected_digest.reset();
  made.measured(0)[3]->digest = "beef";
  EXPECT_THAT(check(0, "same_output"), is(kFail, "beef"));
}

TEST_F(Checks, SameOutputFlagsAnswersWithoutDigest) {
  made.measured(0)[3]->digest.clear();
  EXPECT_THAT(check(0, "same_output"), is(kFlag, "1 of 20"));
  for (auto* sample : made.measured(0)) sample->outcome = Outcome::kTimeout;
  EXPECT_THAT(check(0, "same_output"), is(kFlag, "No answer"));
}

TEST_F(Checks, ColdFailsOnAnyOtherStart) {
  made.measured(0)[3]->start = Start::kWarm;
  EXPECT_THAT(check(0, "cold_verified"), is(kFail, "20 invocations 1 did not start cold"));
}

TEST_F(Checks, ColdFailsWhenTheInstanceContradicts) {
  made.measured(0)[3]->start_verified = false;
  EXPECT_THAT(check(0, "cold_verified"), is(kFail, "1 were contradicted"));
}

TEST_F(Checks, ColdFlagsMissingEvidence) {
  made.measured(0)[3]->start_verified.reset();
  made.measured(0)[4]->start.reset();
  EXPECT_THAT(check(0, "cold_verified"), is(kFlag, "2 of 20"));
}

TEST_F(Checks, ColdAsksNoEvidenceOfAnInvocationThatFailed) {
  auto& sample = *made.measured(0)[3];
  sample.outcome = Outcome::kLaunchFailed;
  sample.start_verified.reset();
  EXPECT_THAT(check(0, "cold_verified"), is(kPass, "19 of 20 invocations were cold"));
}

TEST_F(Checks, WarmFailsOnAnyOtherStart) {
  EXPECT_EQ(check(1, "cold_verified").name, "absent");
  made.measured(1)[0]->start = Start::kBehind;
  EXPECT_THAT(check(1, "warm_verified"), is(kFail, "1 did not start warm"));
}

TEST_F(Checks, WarmFlagsMissingEvidence) {
  made.measured(1)[0]->start_verified.reset();
  EXPECT_THAT(check(1, "warm_verified"), is(kFlag, "1 of 200"));
}

TEST_F(Checks, AotFailsOnAnInstanceWithoutItsCode) {
  auto& instance = *made.instances(2)[3];
  instance.aot_code_bytes = 0;
  instance.note = "AOT section failed to load:\nversion mismatch";
  EXPECT_THAT(check(2, "aot_executed"), is(kFail, "1 of 20"));
  EXPECT_THAT(check(2, "aot_executed"), is(kFail, instance.name));
  EXPECT_THAT(check(2, "aot_executed"), is(kFail, "failed to load: version mismatch"));
  EXPECT_EQ(check(0, "aot_executed").name, "absent");
}

TEST_F(Checks, AotFlagsAnAnsweringInstanceThatWasNotLookedAt) {
  made.instances(2)[3]->aot_code_bytes.reset();
  EXPECT_THAT(check(2, "aot_executed"), is(kFlag, "1 of 20"));
}

TEST_F(Checks, AotAsksNothingOfAnInstanceThatNeverAnswered) {
  made.instances(2)[3]->aot_code_bytes.reset();
  made.measured(2)[3]->outcome = Outcome::kNotReady;
  EXPECT_THAT(check(2, "aot_executed"), is(kPass, "All 19"));
  for (auto* instance : made.instances(2)) instance->aot_code_bytes.reset();
  for (auto* sample : made.measured(2)) sample->outcome = Outcome::kNotReady;
  EXPECT_THAT(check(2, "aot_executed"), is(kFlag, "No instance"));
}

TEST_F(Checks, InterpreterFailsOnAnInstanceWithAheadOfTimeCode) {
  EXPECT_THAT(check(4, "interpreter_executed"), is(kPass, "All 20"));
  made.instances(4)[3]->aot_code_bytes = 4096;
  EXPECT_THAT(check(4, "interpreter_executed"), is(kFail, "1 of 20"));
  made.instances(4)[3]->aot_code_bytes.reset();
  EXPECT_THAT(check(4, "interpreter_executed"), is(kFlag, "1 of 20"));
}

TEST_F(Checks, ErrorsFlagUpToOnePercentAndFailAbove) {
  made.measured(1)[0]->outcome = Outcome::kTimeout;
  EXPECT_THAT(check(1, "errors"), is(kFlag, "1 of 200 invocations failed (0.5 %): 1 timeout"));
  made.measured(1)[1]->outcome = Outcome::kReset;
  EXPECT_EQ(check(1, "errors").status, kFlag);
  made.measured(1)[2]->outcome = Outcome::kReset;
  EXPECT_THAT(check(1, "errors"), is(kFail, "2 reset, 1 timeout"));
}

TEST_F(Checks, ErrorsCountPrimesAndQuoteTheInstance) {
  for (auto& sample : made.run.samples) {
    if (sample.role == Role::kPrime && sample.visit == made.measured(3)[0]->visit) sample.outcome = Outcome::kNotReady;
  }
  made.instances(3)[0]->note = "cannot\nbind";
  EXPECT_THAT(check(3, "errors"), is(kFlag, "1 of 10 first invocations of a visit failed: 1 not_ready; instance-"));
  EXPECT_THAT(check(3, "errors"), is(kFlag, "wrote: cannot bind."));
}

TEST_F(Checks, SampleSizeFlagsFewReplicatesAndFailsWithoutSamples) {
  made.run.plan.stop.min = 20;
  EXPECT_THAT(check(1, "sample_size"), is(kFlag, "200 samples in 10 replicates, the plan asks for at least 20"));
  for (auto& visit : made.run.visits) visit.finished = visit.cell != 1;
  EXPECT_THAT(check(1, "sample_size"), is(kFail, "10 unfinished"));
}

TEST_F(Checks, PhaseResidualFlagsUnexplainedTime) {
  for (auto* sample : made.measured(0)) *sample->stamps.start_begin += 150'000;
  EXPECT_THAT(check(0, "phase_residual"), is(kPass, "150 µs"));  // 2 % of 10 ms are 200
  for (auto* sample : made.measured(0)) *sample->stamps.start_begin += 150'000;
  EXPECT_THAT(check(0, "phase_residual"), is(kFlag, "300 µs"));
}

TEST_F(Checks, PhaseResidualAllowsFiftyMicrosecondsOfAShortLatency) {
  for (auto* sample : made.measured(1)) *sample->spans.compute -= 45'000;
  EXPECT_EQ(check(1, "phase_residual").status, kPass);
  for (auto* sample : made.measured(1)) *sample->spans.compute -= 10'000;
  EXPECT_THAT(check(1, "phase_residual"), is(kFlag, "55.0 µs"));
}

TEST_F(Checks, PhasesThatLastLongerThanTheWholeFail) {
  Spans& spans = made.measured(1)[0]->spans;
  const Spans sound = spans;
  *spans.compute += 49'000;
  EXPECT_EQ(check(1, "phase_residual").status, kPass) << "as much as two readings of a clock may differ";
  *spans.compute += 9'000'000;
  EXPECT_THAT(check(1, "phase_residual"), is(kFail, "1 successful samples"));
  spans = sound;
  *spans.handle += 9'000'000;
  EXPECT_THAT(check(1, "phase_residual"), is(kFail, "longer than the whole"));
}

TEST_F(Checks, PhaseResidualFlagsSuccessWithoutStamps) {
  made.measured(1)[0]->stamps.done.reset();
  EXPECT_THAT(check(1, "phase_residual"), is(kFlag, "1 successful"));
}

TEST_F(Checks, ColdBelowWarmFails) {
  for (auto* sample : made.measured(1)) *sample->stamps.done += 50'000'000;
  EXPECT_THAT(check(0, "cold_not_below_warm"), is(kFail, "51"));
  EXPECT_EQ(check(1, "cold_not_below_warm").name, "absent");
  EXPECT_EQ(check(4, "cold_not_below_warm").name, "absent");  // no warm cell
}

TEST(ChecksOfNoise, ColdBelowWarmWithinTheirIntervalsFlags) {
  SyntheticRun made;
  const auto cold = made.add_cell("slow", nullptr, "crun", Start::kCold);
  const auto warm = made.add_cell("slow", nullptr, "crun", Start::kWarm);
  made.add_cold(cold, 20, 100'000);
  made.add_warm(warm, 10, 2, 100'000);
  for (auto* sample : made.measured(warm)) *sample->stamps.done += 1'000'000;
  EXPECT_THAT(check_of(made.run, cold, "cold_not_below_warm"), is(kFlag, "within their intervals"));
}

TEST(ChecksOfNothing, DoNotPass) {
  SyntheticRun made;
  made.add_cell("noop", nullptr, "wasm-aot", Start::kCold);
  const auto summary = summarise(made.run);
  for (const auto& check : summary.cells[0].checks) EXPECT_NE(check.status, kPass) << check.name;
}

}  // namespace
}  // namespace lumos
