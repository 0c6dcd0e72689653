#include "analysis/wording.h"

#include <gtest/gtest.h>

#include <limits>

namespace lumos {
namespace {

TEST(Wording, Milliseconds) {
  EXPECT_EQ(format_ms(12.34567), "12.3 ms");
  EXPECT_EQ(format_ms(0.0123), "12.3 µs");
  EXPECT_EQ(format_ms(std::numeric_limits<double>::infinity()), "∞");
}

TEST(Wording, RatiosHaveThreeDigits) {
  EXPECT_EQ(format_ratio(0.0123), "0.012");
  EXPECT_EQ(format_ratio(0.934), "0.93");
  EXPECT_EQ(format_ratio(3.2449), "3.24");
  EXPECT_EQ(format_ratio(9.999), "10.0");
  EXPECT_EQ(format_ratio(58.12), "58.1");
  EXPECT_EQ(format_ratio(412.4), "412");
}

TEST(Wording, OneLineHasNoControlCharacters) {
  EXPECT_EQ(one_line("  a\n\tb\x1b[2J\x7f c \n"), "a b [2J c");
  EXPECT_EQ(one_line("a\xc2\x9b"
                     "2Jµ"),
            "a 2Jµ");
  EXPECT_EQ(one_line(""), "");
}

TEST(Wording, OneLineEndsBetweenCharacters) {
  EXPECT_EQ(one_line("abcdef", 3), "abc…");
  EXPECT_EQ(one_line("aµb", 2), "a…");
  EXPECT_EQ(one_line("aµb", 3), "aµ…");
  EXPECT_EQ(one_line("µµµ", 6), "µµµ");
}

}  // namespace
}  // namespace lumos
