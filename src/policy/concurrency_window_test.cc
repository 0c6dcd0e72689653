#include "policy/concurrency_window.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ConcurrencyWindow, IsTheTimeAverageOfWholeSeconds) {
  ConcurrencyWindow window(seconds(60));
  window.set(seconds(10), 0);
  window.set(milliseconds(10'250), 4);
  window.set(milliseconds(10'750), 0);
  EXPECT_EQ(window.mean(milliseconds(10'900), seconds(6)), std::nullopt);  // no second has ended
  EXPECT_DOUBLE_EQ(*window.mean(seconds(11), seconds(6)), 2);              // 4 for half a second
  EXPECT_DOUBLE_EQ(*window.mean(seconds(12), seconds(6)), 1);
}

TEST(ConcurrencyWindow, AYoungOneIsAveragedOverItsAge) {
  ConcurrencyWindow window(seconds(60));
  window.set(seconds(0), 10);
  EXPECT_DOUBLE_EQ(*window.mean(seconds(6), seconds(60)), 10);
}

TEST(ConcurrencyWindow, OldSecondsFallOut) {
  ConcurrencyWindow window(seconds(60));
  window.set(seconds(0), 30);
  window.set(seconds(54), 60);
  EXPECT_DOUBLE_EQ(*window.mean(seconds(60), seconds(6)), 60);
  EXPECT_DOUBLE_EQ(*window.mean(seconds(60), seconds(60)), (54 * 30 + 6 * 60) / 60.0);
  window.set(seconds(60), 0);
  EXPECT_DOUBLE_EQ(*window.mean(seconds(120), seconds(60)), 0);
}

TEST(ConcurrencyWindow, ALongSilenceIsASteadyState) {
  ConcurrencyWindow window(seconds(60));
  window.set(seconds(0), 3);
  EXPECT_DOUBLE_EQ(*window.mean(std::chrono::hours(1000), seconds(60)), 3);
  window.set(std::chrono::hours(1000), 0);
  EXPECT_DOUBLE_EQ(*window.mean(std::chrono::hours(2000), seconds(60)), 0);
}

TEST(ConcurrencyWindow, OfNothingHasNoMean) {
  ConcurrencyWindow window(seconds(60));
  EXPECT_EQ(window.mean(seconds(5), seconds(60)), std::nullopt);
}

}  // namespace
}  // namespace lumos
