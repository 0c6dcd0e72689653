#include "base/channel.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

struct Ping {
  std::int64_t value = 0;
};

TEST(Channel, CarriesWholeMessages) {
  auto [a, b] = *Channel::pair();
  ASSERT_TRUE(a.send(Ping{7}).has_value());
  EXPECT_EQ((*b.receive<Ping>())->value, 7);
}

TEST(Channel, WaitsNoLongerThanAsked) {
  auto [a, b] = *Channel::pair();
  EXPECT_FALSE((*b.receive<Ping>(std::chrono::milliseconds(1))).has_value());
}

TEST(Channel, ReportsAPeerThatIsGone) {
  auto [a, b] = *Channel::pair();
  a.close();
  EXPECT_FALSE(b.receive<Ping>().has_value());
  EXPECT_FALSE(b.send(Ping{}).has_value());
}

TEST(Channel, RefusesAMessageOfAnotherSize) {
  auto [a, b] = *Channel::pair();
  ASSERT_TRUE(a.send('x').has_value());
  EXPECT_FALSE(b.receive<Ping>().has_value());
}

}  // namespace
}  // namespace lumos
