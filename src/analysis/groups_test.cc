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

}  // namespace
}  // namespace lumos
