#include "stats/student.h"

#include <gtest/gtest.h>

#include <limits>

namespace lumos {
namespace {

// From the tables of Abramowitz and Stegun (26.10).
TEST(Student, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(student_quantile(0.025, 1), 12.706, 5e-4);
  EXPECT_NEAR(student_quantile(0.025, 2), 4.303, 5e-4);
  EXPECT_NEAR(student_quantile(0.025, 4), 2.776, 5e-4);
  EXPECT_NEAR(student_quantile(0.025, 5), 2.571, 5e-4);
  EXPECT_NEAR(student_quantile(0.05, 4), 2.132, 5e-4);
  EXPECT_NEAR(student_quantile(0.05, 9), 1.833, 5e-4);
  EXPECT_NEAR(student_quantile(0.005, 30), 2.750, 5e-4);
  EXPECT_NEAR(student_quantile(0.025, 1000), 1.962, 5e-4);
  EXPECT_NEAR(student_quantile(0.5, 7), 0, 1e-9);
}

TEST(Student, TheIntervalOfAMeanNeedsTwoFiniteValues) {
  Moments values;
  EXPECT_EQ(mean_with_interval(values), std::nullopt);
  values.add(10);
  EXPECT_EQ(mean_with_interval(values), (Estimate{.value = 10}));
  values.add(12);
  const auto two = mean_with_interval(values);
  ASSERT_TRUE(two && two->ci);
  EXPECT_EQ(two->value, 11);
  EXPECT_NEAR(two->ci->hi, 11 + 12.706, 1e-3);  // s / √n = 1
  values.add(std::numeric_limits<double>::infinity());
  EXPECT_EQ(mean_with_interval(values)->ci, std::nullopt);
}

}  // namespace
}  // namespace lumos
