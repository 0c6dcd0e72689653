#include "control/environment/kernels.h"

#include <gtest/gtest.h>

#include <set>

namespace lumos::kernels {
namespace {

TEST(Kernels, GiveTheSameValueEveryTimeAndDependOnAllTheirWork) {
  EXPECT_EQ(integer(1000), integer(1000));
  EXPECT_NE(integer(1000), integer(1001));
  EXPECT_EQ(floating(1000), floating(1000));
  EXPECT_GT(floating(1'000'000), 0.1) << "stays within the normal numbers";
  EXPECT_EQ(dispatch(1000), dispatch(1000));
  EXPECT_NE(dispatch(1000), dispatch(1001));
  EXPECT_EQ(system_calls(10), 10 * system_calls(1));
}

TEST(Kernels, TheChaseVisitsEveryLineBeforeItReturns) {
  Memory memory;
  constexpr std::int64_t kLines = Memory::kBytes / Memory::kLineBytes;
  EXPECT_NE(memory.chase(kLines / 2), 0U);
  const std::uint64_t sum = memory.read(1);
  memory.evict();
  EXPECT_EQ(memory.read(1), sum) << "only out of the caches";
  EXPECT_EQ(memory.chase(kLines - kLines / 2), 0U) << "one cycle";
}

TEST(Kernels, TheConnectionPassesMessages) {
  auto loopback = Loopback::open();
  ASSERT_TRUE(loopback.has_value()) << loopback.error().message;
  EXPECT_EQ(loopback->exchange(10), 10);
}

}  // namespace
}  // namespace lumos::kernels
