#include "record/json.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

TEST(JsonInteger, IsTakenWholeOrNotAtAll) {
  const auto j =
      nlohmann::json::parse("[7, -7, 9223372036854775807, 9223372036854775808, 1e300, 7.5, 7.0, null, \"7\"]");
  EXPECT_EQ(integer(j[0]), 7);
  EXPECT_EQ(integer(j[1]), -7);
  EXPECT_EQ(integer(j[2]), INT64_MAX);
  for (std::size_t i = 3; i < j.size(); ++i) EXPECT_THROW(integer(j[i]), std::range_error) << j[i];
  EXPECT_THROW(integer<std::uint32_t>(j[1]), std::range_error);
  EXPECT_THROW(integer<int>(j[2]), std::range_error);
}

}  // namespace
}  // namespace lumos
