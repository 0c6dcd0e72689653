#include "report/checks_text.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

/// A run of cells of noop, cold: runtime → its checks.
std::string text_of(const std::vector<std::pair<const char*, std::vector<Check>>>& cells) {
  RunSummary summary;
  for (const auto& [runtime, checks] : cells) {
    summary.cells.push_back(
        {.factors = {{"function", "noop"}, {"payload", nullptr}, {"runtime", runtime}, {"start", "cold"}},
         .start = Start::kCold,
         .checks = checks});
  }
  return checks_text(summary);
}

Check flag(const char* name, const char* detail) { return {name, CheckStatus::kFlag, detail}; }
Check fail(const char* name, const char* detail) { return {name, CheckStatus::kFail, detail}; }

TEST(ChecksText, CountsThosePassed) {
  EXPECT_EQ(text_of({{"crun", {{.name = "errors"}, {.name = "steal"}}}, {"runc", {{.name = "errors"}}}}),
            "All 3 checks passed.\n");
}

TEST(ChecksText, WhatFailedComesFirst) {
  EXPECT_EQ(text_of({{"crun", {flag("steal", "Much."), {.name = "errors"}}}, {"runc", {fail("errors", "All.")}}}),
            "Checks (1 others passed):\n"
            "  fail  noop cold runc, errors: All.\n"
            "  flag  noop cold crun, steal: Much.\n");
}

TEST(ChecksText, VerdictsThatDifferInNumbersAloneAreOneWithTheirRange) {
  const auto text = text_of({{"runc", {flag("steal", "Others used 92.5 % of 2 cores (2 looked at).")}},
                             {"crun", {flag("steal", "Others used 191 % of 2 cores (13 looked at).")}},
                             {"sandbox", {flag("steal", "Others used 88 % of 2 cores (9 looked at).")}}});
  EXPECT_EQ(text,
            "Checks (0 others passed):\n"
            "  flag  all 3 cells, steal: Others used 88–191 % of 2 cores (2–13 looked at).\n");
}

TEST(ChecksText, SomeOfTheCellsAreNamedByTheFirst) {
  EXPECT_EQ(text_of({{"runc", {flag("steal", "Used 1 %.")}}, {"crun", {}}, {"sandbox", {flag("steal", "Used 2 %.")}}}),
            "Checks (0 others passed):\n"
            "  flag  noop cold runc and 1 more cell, steal: Used 1–2 %.\n");
}

TEST(ChecksText, VerdictsThatDifferInMoreThanNumbersStayApart) {
  const std::string text = text_of({{"runc", {fail("errors", "2 of 9 failed: 2 refused.")}},
                                    {"crun", {fail("errors", "2 of 9 failed: 2 timeout.")}},
                                    {"sandbox", {flag("errors", "2 of 9 failed: 2 refused.")}},
                                    {"wasm-aot", {flag("sample_size", "2 of 9 failed: 2 refused.")}}});
  EXPECT_EQ(std::ranges::count(text, '\n'), 5) << text;
}

TEST(ChecksText, NamesAndDigestsHaveNoRange) {
  const std::string text = text_of({{"runc", {fail("same_output", "Got 1111111111111111 of instance-3.")}},
                                    {"crun", {fail("same_output", "Got 2222222222222222 of instance-3.")}},
                                    {"sandbox", {fail("same_output", "Got 1111111111111111 of instance-4.")}}});
  EXPECT_EQ(std::ranges::count(text, '\n'), 4) << text;
}

TEST(ChecksText, OddNumbersAreWords) {
  for (const char* word : {".", "..", "1..2", "(", "()", "1.2.3", ".5", "1e5"}) {
    EXPECT_EQ(text_of({{"runc", {flag("steal", word)}}, {"crun", {flag("steal", word)}}}),
              std::string("Checks (0 others passed):\n  flag  all 2 cells, steal: ") + word + "\n");
  }
}

}  // namespace
}  // namespace lumos
