#include "report/capacity_report.h"

#include <gtest/gtest.h>

#include "report/text.h"

namespace lumos {
namespace {

CapacityReport example() {
  CapacityReport report{.folder = "runs/x-capacity", .slo = "p99<200ms, error<0.1%"};
  Capacity known{.rate_per_s = 412, .lo_per_s = 396, .hi_per_s = 433};
  known.probes = {{412, {.meets = true, .run = "runs/x-capacity/0-crun-412"}},
                  {433, {.sure = true, .reason = "p99<200ms: it is 310 ms", .run = "runs/x-capacity/0-crun-433"}}};
  known.not_monotone = {{380, 412}};
  Capacity none{.hi_per_s = 0.1, .end = CapacityEnd::kNoneMeets};
  none.probes = {{0.1, {.sure = true, .reason = "p99<200ms: it is ∞"}}};
  report.cells = {{"noop crun", {{"runtime", "crun"}}, known}, {"noop runc", {{"runtime", "runc"}}, none}};
  return report;
}

TEST(CapacityReport, TextNamesAnswersIntervalsAndWhatLimits) {
  const std::string text = capacity_text(example());
  for (const char* words :
       {"noop crun  412/s  [396, 433]", "at 433/s: p99<200ms: it is 310 ms.", "not monotone: 380/s failed",
        "none_meets", "The largest rate with p99<200ms, error<0.1%: noop crun 412/s, noop runc none."})
    EXPECT_NE(text.find(words), std::string::npos) << words << "\n" << text;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    EXPECT_LE(display_width(text.substr(begin, end - begin)), 120u);
    begin = end + 1;
  }
}

TEST(CapacityReport, JsonHasEveryField) {
  const auto json = nlohmann::json::parse(capacity_json(example()));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["cells"][0]["rate_per_s"], 412);
  EXPECT_EQ(json["cells"][0]["between_per_s"], nlohmann::json::parse("[396, 433]"));
  EXPECT_TRUE(json["cells"][0]["probes"][0]["reason"].is_null());
  EXPECT_EQ(json["cells"][0]["not_monotone"][0]["failed_per_s"], 380);
  EXPECT_TRUE(json["cells"][1]["rate_per_s"].is_null());
  EXPECT_EQ(json["cells"][1]["ended"], "none_meets");
  EXPECT_TRUE(example().failed());
}

}  // namespace
}  // namespace lumos
