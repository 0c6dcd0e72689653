#include "report/text.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

TEST(Text, WidthCountsCharactersNotBytes) {
  EXPECT_EQ(display_width("12.3 µs"), 7U);
  EXPECT_EQ(display_width("×∞–≈"), 4U);
  EXPECT_EQ(display_width(""), 0U);
}

TEST(Text, WrapsAtSpacesAndIndentsTheRest) {
  EXPECT_EQ(wrap("one two three", 9), "one two\nthree\n");
  EXPECT_EQ(wrap("one two three", 9, "  "), "one two\n  three\n");
  EXPECT_EQ(wrap("µµµ µµµ", 7), "µµµ µµµ\n");
  EXPECT_EQ(wrap("  indented line", 12, "    "), "  indented\n    line\n");
  EXPECT_EQ(wrap("", 9), "\n");
}

TEST(Text, CutsAWordThatIsTooLong) {
  EXPECT_EQ(wrap("abcdefgh", 3), "abc\ndef\ngh\n");
  EXPECT_EQ(wrap("a µµµµµ", 4, " "), "a\n µµµ\n µµ\n");
}

TEST(Table, AlignsByCharacters) {
  Table table({{"name", true}, {"time"}});
  table.add_heading("group");
  table.add_row({"a", "12.3 µs"});
  table.add_row({"longer", "1 s"});
  EXPECT_EQ(table.text(40),
            "  name       time\n"
            "group\n"
            "  a       12.3 µs\n"
            "  longer      1 s\n");
}

TEST(Table, LeavesOutOptionalColumnsRatherThanGrowTooWide) {
  Table table({{"a", true}, {"bbbb", false, true}, {"cccc", false, true}, {"d"}});
  table.add_row({"1", "2", "3", "4"});
  EXPECT_EQ(table.text(18), "  a  bbbb  cccc  d\n  1     2     3  4\n");
  EXPECT_EQ(table.text(17), "  a bbbb cccc d\n  1    2    3 4\n");
  EXPECT_EQ(table.text(14), "  a bbbb d\n  1    2 4\n");
  EXPECT_EQ(table.text(3), "  a d\n  1 4\n");
}

}  // namespace
}  // namespace lumos
