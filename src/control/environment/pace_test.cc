#include "control/environment/pace.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

using namespace std::chrono_literals;

TEST(Pace, KeepsTheRateWhenSlicesAreLateByALittle) {
  Pace pace(0ms, 1ms, 10ms);
  EXPECT_EQ(pace.next(0ms), 1ms);
  EXPECT_EQ(pace.next(4ms), 2ms) << "due already";
  EXPECT_EQ(pace.next(4ms), 3ms);
  EXPECT_EQ(pace.next(4ms), 4ms);
  EXPECT_EQ(pace.next(4ms), 5ms) << "caught up: waits again";
}

TEST(Pace, DoesNotMakeUpForALongStop) {
  Pace pace(0ms, 1ms, 10ms);
  EXPECT_EQ(pace.next(500ms), 490ms);
  for (int i = 0; i < 10; ++i) (void)pace.next(500ms);
  EXPECT_EQ(pace.next(500ms), 501ms);
}

}  // namespace
}  // namespace lumos
