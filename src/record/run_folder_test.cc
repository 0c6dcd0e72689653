#include "record/run_folder.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

TEST(RunFolder, LatestIsTheNewestRun) {
  const TemporaryFolder runs;
  EXPECT_EQ(find_run(runs.path(), "latest").error().code, ErrorCode::kUsage);
  for (const char* name : {"a-first", "b-second"}) {
    const auto run = create_run_folder(runs.path(), "", name);
    ASSERT_TRUE(run.has_value());
    ASSERT_TRUE(write_file(run->store(), "").has_value());
  }
  EXPECT_TRUE(find_run(runs.path(), "latest")->name().ends_with("-b-second"));
}

TEST(RunFolder, TwoRunsInOneSecondGetTwoFolders) {
  const TemporaryFolder runs;
  EXPECT_NE(create_run_folder(runs.path(), "", "a")->path, create_run_folder(runs.path(), "", "a")->path);
}

TEST(RunFolder, AFolderThatHoldsARunIsNotUsedAgain) {
  const TemporaryFolder runs;
  ASSERT_TRUE(write_file(runs / "run.sqlite", "").has_value());
  const auto again = create_run_folder("", runs.path(), "x");
  ASSERT_FALSE(again.has_value());
  EXPECT_NE(again.error().message.find("--resume"), std::string::npos);
}

TEST(RunFolder, AMisspeltRunIsSuggested) {
  const TemporaryFolder runs;
  ASSERT_TRUE(create_run_folder(runs.path(), runs / "demo-17", "x").has_value());
  ASSERT_TRUE(write_file(runs / "demo-17/run.sqlite", "").has_value());
  EXPECT_NE(find_run(runs.path(), "demo-71").error().message.find("did you mean 'demo-17'"), std::string::npos);
}

}  // namespace
}  // namespace lumos
