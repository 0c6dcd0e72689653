#include "analysis/groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/factors.h"
#include "analysis/run_summary.h"
#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Json = nlohmann::ordered_json;

TEST(Factors, KeysDoNotDependOnTheOrder) {
  const Json a{{"function", "noop"}, {"runtime", "crun"}, {"payload", 1}};
  const Json b{{"payload", 1}, {"runtime", "runc"}, {"function", "noop"}};
  EXPECT_EQ(factor_key(a, {"runtime"}), factor_key(b, {"runtime"}));
  EXPECT_NE(factor_key(a, {}), factor_key(b, {}));
  EXPECT_NE(factor_key(a, {"runtime"}), factor_key(Json{{"function", "noop"}, {"payload", "1"}}, {"runtime"}));
}

TEST(Factors, LabelsNameFunctionAndPayload) {
  EXPECT_EQ(function_label({{"function", "fibonacci"}, {"payload", 1000000}}), "fibonacci(1000000)");
  EXPECT_EQ(function_label({{"function", "echo"}, {"payload", "a\nb\x1b[31m"}}), "echo(a b [31m)");
  for (const Json& none : {Json(nullptr), Json(""), Json::object()}) {
    EXPECT_EQ(function_label({{"function", "noop"}, {"payload", none}}), "noop");
  }
  EXPECT_EQ(function_label({{"function", "noop"}}), "noop");
}

TEST(Groups, HoldTheRuntimesOfOnePoint) {
  SyntheticRun made;
  for (const char* runtime : {"crun", "runc"}) {
    for (const Start start : {Start::kCold, Start::kWarm}) made.add_cell("noop", nullptr, runtime, start);
  }
  const auto summary = summarise(made.run);
  const auto groups = groups_of(summary.cells);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].label, "noop cold");
  EXPECT_EQ(groups[1].label, "noop warm");
  EXPECT_THAT(groups[0].cells, ElementsAre(&summary.cells[0], &summary.cells[2]));
}

TEST(Groups, LabelsNameTheOtherFactorsThatVary) {
  SyntheticRun made;
  made.add_cell("noop", nullptr, "crun", Start::kWarm);
  made.add_cell("noop", nullptr, "crun", Start::kWarm);
  made.run.plan.cells[1].factors["format"] = "cbor";
  const auto summary = summarise(made.run);
  const auto groups = groups_of(summary.cells);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[1].label, "noop warm, format cbor");
  EXPECT_THAT(constant_factors(summary.cells), ElementsAre(Pair("storage", "inline")));
}

Json with_variant(Json factors, ArtefactKind kind, const Variant& choice = {}) {
  factors.update(factors_of(variant_of(kind, choice)));
  return factors;
}

TEST(Groups, HoldTheVariantsOfTheBuildSideBySide) {
  SyntheticRun made;
  for (const char* runtime : {"crun", "crun", "wasm-interp", "wasm-aot", "wasm-aot"})
    made.add_cell("noop", nullptr, runtime, Start::kWarm);
  auto& cells = made.run.plan.cells;
  cells[0].factors = with_variant(cells[0].factors, ArtefactKind::kNative);
  cells[1].factors = with_variant(cells[1].factors, ArtefactKind::kNative, {.base = Base::kDebianSlim});
  cells[2].factors = with_variant(cells[2].factors, ArtefactKind::kWasm);
  cells[3].factors = with_variant(cells[3].factors, ArtefactKind::kAot);
  cells[4].factors = with_variant(cells[4].factors, ArtefactKind::kAot, {.aot_level = 0});
  const auto summary = summarise(made.run);
  const auto groups = groups_of(summary.cells);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].label, "noop warm");
  EXPECT_EQ(groups[0].cells[1]->label(), "crun debian-slim");
  EXPECT_EQ(groups[0].cells[3]->label(), "wasm-aot");
  EXPECT_EQ(groups[0].cells[4]->label(), "wasm-aot O0");
  EXPECT_THAT(constant_factors(summary.cells), ElementsAre(Pair("storage", "inline"), Pair("format", "json"),
                                                           Pair("isa", "baseline"), Pair("wasm_simd", "off")));
}

TEST(Counterpart, DiffersInNothingThatAppliesToBoth) {
  SyntheticRun made;
  for (const char* runtime : {"crun", "crun", "crun", "wasm-interp", "wasm-aot"})
    made.add_cell("noop", nullptr, runtime, Start::kWarm);
  auto& cells = made.run.plan.cells;
  cells[0].factors = with_variant(cells[0].factors, ArtefactKind::kNative, {.base = Base::kDebianSlim});
  cells[1].factors = with_variant(cells[1].factors, ArtefactKind::kNative, {.isa = Isa::kNative});
  cells[2].factors = with_variant(cells[2].factors, ArtefactKind::kNative);
  cells[3].factors = with_variant(cells[3].factors, ArtefactKind::kWasm);
  cells[4].factors = with_variant(cells[4].factors, ArtefactKind::kAot, {.isa = Isa::kNative});
  const auto summary = summarise(made.run);
  const auto groups = groups_of(summary.cells);
  const auto of = [&](std::size_t cell) { return counterpart(summary.cells[cell], "crun", groups[0].cells); };
  EXPECT_EQ(of(3), &summary.cells[2]);  // interpreted: any processor fits; the default before those listed first
  EXPECT_EQ(of(4), &summary.cells[1]);  // ahead of time for this processor: native code for it
  EXPECT_EQ(counterpart(summary.cells[4], "runc", groups[0].cells), nullptr);
}

}  // namespace
}  // namespace lumos
