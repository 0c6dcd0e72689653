#include "control/environment/calibration.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "control/environment/calibration_file.h"
#include "host/placement.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

TEST(SpeedOf, TakesTheMedianOfTheRounds) {
  const KernelSpeed speed = speed_of("integer", "ns/step", {10, 12, 11, 100, 10});
  EXPECT_EQ(speed.value, 11);
  EXPECT_NEAR(speed.spread, (12.0 - 10.0) / 11, 1e-12);
}

TEST(SpeedOf, TellsEvenRoundsFromOddOnes) {
  EXPECT_EQ(speed_of("a", "ns", {10, 20, 10, 20, 10, 20, 10}).repeatability, 1.0);
  EXPECT_EQ(speed_of("a", "ns", {10, 10, 10, 10}).repeatability, 0.0);
  // A drift falls on both alike.
  EXPECT_LT(speed_of("a", "ns", {100, 101, 102, 103, 104, 105, 106}).repeatability, 0.015);
}

Calibration example() {
  return {.utc = "2026-01-31T23:59:58Z",
          .seconds = 5,
          .core = 1,
          .kernels = {{"integer", "ns/step", 1.5, 0.01, 0.002}, {"disk", "MB/s", 900, 0.2, 0.3}},
          .steal_share = 0.001,
          .other_load_share = std::nullopt};
}

TEST(Calibration, IsAsRepeatableAsItsWorstKernelButTheDisk) {
  Calibration c = example();
  EXPECT_EQ(c.repeatability(), 0.002);
  EXPECT_FALSE(c.busy());
  c.other_load_share = 0.5;
  EXPECT_TRUE(c.busy());
  c.other_load_share = 0.0;
  c.steal_share = 0.02;
  EXPECT_TRUE(c.busy());
}

TEST(Calibration, SurvivesItsJson) {
  EXPECT_EQ(calibration_from_json(to_json(example())), example());
  for (const char* bad : {"null", "{}", R"({"schema":2})", R"({"schema":1,"utc":5})", "[]"})
    EXPECT_EQ(calibration_from_json(nlohmann::json::parse(bad)), std::nullopt) << bad;
}

TEST(CalibrationFile, IsReadWhileItIsFresh) {
  const TemporaryFolder home;
  const nlohmann::ordered_json here{{"kernel", "Linux 6"}, {"cores", 2}, {"load_average", "1.0"}};
  const auto file = calibration_file(home.path(), here);
  EXPECT_EQ(fresh_calibration(file), std::nullopt);
  ASSERT_TRUE(keep_calibration(file, example()).has_value());
  EXPECT_EQ(fresh_calibration(file), example());
  auto later = here;
  later["load_average"] = "9.0";
  EXPECT_EQ(calibration_file(home.path(), later), file);
  later["cores"] = 4;
  EXPECT_NE(calibration_file(home.path(), later), file) << "another machine";
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 8));
  EXPECT_EQ(fresh_calibration(file), std::nullopt);
  ASSERT_TRUE(write_file(file, "{").has_value());
  EXPECT_EQ(fresh_calibration(file), std::nullopt);
}

TEST(Calibrate, MeasuresEveryKernelAndLeavesTheCallersCoresAlone) {
  const auto cores = allowed_cores();
  int told = 0;
  const auto result = calibrate(
      {.folder = ".", .core = cores.back(), .rounds = 2, .repetitions = 1, .repetition = std::chrono::milliseconds(1)},
      [&](int, int rounds) { told += rounds; });
  if (!result) GTEST_SKIP() << result.error().message;  // a build tree without direct access to its disk
  EXPECT_EQ(told, 4);
  ASSERT_EQ(result->kernels.size(), 8U);
  for (const auto& kernel : result->kernels) EXPECT_GT(kernel.value, 0) << kernel.name;
  EXPECT_EQ(allowed_cores(), cores);
}

TEST(Calibrate, SaysWhichDiskCannotBeAsked) {
  const auto result = calibrate({.folder = "/proc/self"}, [](int, int) {});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(result.error().message.starts_with("/proc/self: ")) << result.error().message;
}

}  // namespace
}  // namespace lumos
