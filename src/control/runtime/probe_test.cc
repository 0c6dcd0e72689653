#include "control/runtime/probe.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/file.h"
#include "base/subprocess.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

using ::testing::IsEmpty;

TEST(ProbePage, HasTheStepsOfWhichBothEndsAreStamped) {
  const TemporaryFolder folder;
  ASSERT_TRUE(make_probe_page(folder / "page").has_value());
  EXPECT_THAT(read_probe_page(folder / "page"), IsEmpty());
  ProbePage page{};
  page.marks[static_cast<std::size_t>(Step::kLibraries)] = {100, 350, 10, 210};
  page.marks[static_cast<std::size_t>(Step::kLoad)] = {400, 0, 220, 0};
  page.marks[static_cast<std::size_t>(Step::kValidate)] = {INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX};
  page.marks[static_cast<std::size_t>(Step::kInstantiate)] = {500, 600, 300, 299};
  std::string bytes(sizeof page, '\0');
  std::memcpy(bytes.data(), &page, sizeof page);
  ASSERT_TRUE(write_file(folder / "page", bytes).has_value());
  const auto steps = read_probe_page(folder / "page");
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].step, Step::kLibraries);
  EXPECT_EQ(steps[0].begin_ns, 100);
  EXPECT_EQ(steps[0].end_ns, 350);
  EXPECT_EQ(steps[0].cpu_ns, 200);
}

TEST(ProbePage, WhatIsNoPageHasNoSteps) {
  const TemporaryFolder folder;
  EXPECT_THAT(read_probe_page(folder / "none"), IsEmpty());
  ASSERT_TRUE(write_file(folder / "short", "123").has_value());
  EXPECT_THAT(read_probe_page(folder / "short"), IsEmpty());
}

TEST(ProbePage, SaysHowACommandEnded) {
  const TemporaryFolder folder;
  ASSERT_TRUE(make_probe_page(folder / "page", true).has_value());
  EXPECT_FALSE(read_command_end(folder / "page").has_value());
  const auto after = [&](std::int64_t end) {
    ProbePage page{};
    page.end = end;
    EXPECT_TRUE(write_file(folder / "page", {reinterpret_cast<const char*>(&page), sizeof page}).has_value());
    return read_command_end(folder / "page");
  };
  EXPECT_EQ(after(1), 0);
  EXPECT_EQ(after(4), 3);
  EXPECT_FALSE(after(-5).has_value());
  EXPECT_FALSE(after(INT64_MAX).has_value());
  EXPECT_FALSE(read_command_end(folder / "none").has_value());
}

// A program that has nothing of WasmEdge runs as without the probe, and stamps nothing.
TEST(ProbeLibrary, ChangesNothingElse) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_probe_library(folder / "probe.so").has_value());
  ASSERT_TRUE(make_probe_page(folder / "page").has_value());
  SystemCommandRunner runner;
  const auto result = runner.run({.argv = {"/bin/sh", "-c", "echo out; exit 7"},
                                  .environment = probe_environment(folder / "probe.so", folder / "page")});
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->exit_code, 7);
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->errors, "") << "the loader took it";
  EXPECT_THAT(read_probe_page(folder / "page"), IsEmpty());
}

}  // namespace
}  // namespace lumos
