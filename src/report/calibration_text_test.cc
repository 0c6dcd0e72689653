#include "report/calibration_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lumos {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Calibration example() {
  return {.utc = "2026-01-31T23:59:58Z",
          .seconds = 5,
          .core = 1,
          .kernels = {{"integer", "ns/step", 1.5, 0.01, 0.002}, {"memory_bandwidth", "GB/s", 9.87, 0.02, 0.012}},
          .steal_share = 0.0,
          .other_load_share = 0.05};
}

TEST(CalibrationText, SaysHowFarTheNumbersRepeat) {
  const std::string text = calibration_text(example());
  EXPECT_THAT(text, HasSubstr("integer                  1.5 ns/step           1.0 %          0.2 %"));
  EXPECT_THAT(text, HasSubstr("Core 1: integer 1.5 ns/step, memory 9.87 GB/s and ?"));
  EXPECT_THAT(text, HasSubstr("its CPU numbers repeat within 1.2 %.\n"));
}

TEST(CalibrationText, DoesNotHideABusyMachine) {
  Calibration c = example();
  EXPECT_THAT(calibration_text(c), Not(HasSubstr("busy")));
  c.other_load_share = 0.6;
  c.kernels[0].repeatability = 0.08;
  EXPECT_THAT(calibration_text(c),
              HasSubstr("repeat within 8.0 % only, not the 3.0 % that they should; the machine was "
                        "busy: the hypervisor took 0.0 %, other programs used 60 % of a core."));
}

}  // namespace
}  // namespace lumos
