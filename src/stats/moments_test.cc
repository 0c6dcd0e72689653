#include "stats/moments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.h"

namespace lumos {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(Moments, OfFewValues) {
  Moments moments;
  EXPECT_EQ(moments.mean(), std::nullopt);
  moments.add(2);
  EXPECT_EQ(moments.mean(), 2);
  EXPECT_EQ(moments.variance(), std::nullopt);
  moments.add(4);
  EXPECT_EQ(moments.mean(), 3);
  EXPECT_EQ(moments.variance(), 2);
}

TEST(Moments, KeepTheDeviationOfLargeValues) {
  Moments moments;
  for (const double value : {4.0, 7.0, 13.0, 16.0}) moments.add(1e15 + value);
  EXPECT_DOUBLE_EQ(*moments.variance(), 30);  // E[x²] − E[x]² would be 0 or negative here
}

TEST(Moments, AreInfiniteOnceOneValueIs) {
  Moments moments;
  for (const double value : {1.0, kInf, 2.0, kInf}) moments.add(value);
  EXPECT_EQ(moments.mean(), kInf);
  EXPECT_EQ(moments.variance(), std::nullopt);
  EXPECT_EQ(moments.count(), 4U);
}

// Standard errors: of the mean σ/√n, of the variance sqrt((μ4 − σ⁴)/n); of the uniform σ² = 1/12 and μ4 = 1/80.
TEST(Moments, RecoverThoseOfTheUniform) {
  RandomStream stream(3, "moments");
  constexpr int kSamples = 100'000;
  Moments moments;
  for (int i = 0; i < kSamples; ++i) moments.add(stream.uniform());
  EXPECT_NEAR(*moments.mean(), 0.5, 4 * std::sqrt(1.0 / 12 / kSamples));
  EXPECT_NEAR(*moments.variance(), 1.0 / 12, 4 * std::sqrt((1.0 / 80 - 1.0 / 144) / kSamples));
}

}  // namespace
}  // namespace lumos
