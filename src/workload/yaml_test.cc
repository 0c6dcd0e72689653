#include "workload/yaml.h"

#include <gtest/gtest.h>

#include <chrono>

#include "workload/yaml_text.h"

namespace lumos {
namespace {

using Kind = YamlNode::Kind;

YamlNode parsed(std::string_view text) {
  auto node = parse_yaml(text, "f");
  EXPECT_TRUE(node.has_value()) << (node ? "" : node.error().message);
  return node.value_or(YamlNode{});
}

std::string refused(std::string_view text) {
  const auto node = parse_yaml(text, "f");
  return node ? "accepted" : node.error().message;
}

std::string nested_lists(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Yaml, BuildsATreeInTheOrderOfTheFile) {
  const YamlNode root = parsed("b: [1, 'two']\na: {x: ~, y:}\n");
  ASSERT_EQ(root.kind, Kind::kMap);
  EXPECT_EQ(root.entries[0].key.scalar, "b");
  EXPECT_EQ(root.find("b")->items[0].scalar, "1");
  EXPECT_FALSE(root.find("b")->items[0].quoted);
  EXPECT_TRUE(root.find("b")->items[1].quoted);
  EXPECT_EQ(root.find("a")->find("x")->kind, Kind::kNull);
  EXPECT_EQ(root.find("a")->find("y")->kind, Kind::kNull);
  EXPECT_EQ(root.find("c"), nullptr);
}

TEST(Yaml, EveryNodeKnowsLineAndColumnFromOne) {
  const YamlNode root = parsed("# comment\nlist:\n  - one\n  - {key: 'value'}\nempty:\nlast: x\n");
  EXPECT_EQ(root.mark.text(), "f:2:1");
  EXPECT_EQ(root.find("list")->items[0].mark.text(), "f:3:5");
  EXPECT_EQ(root.find("list")->items[1].find("key")->mark.text(), "f:4:11");
  EXPECT_EQ(root.find("empty")->mark.text(), "f:5:1");  // nothing stands there: its key's
}

TEST(Yaml, ByteOrderMarkAndCarriageReturnsDoNotShiftPositions) {
  const YamlNode root = parsed(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: 2\r\n");
  EXPECT_EQ(root.find("a")->mark.text(), "f:1:4");
  EXPECT_EQ(root.find("b")->mark.text(), "f:2:4");
  EXPECT_EQ(root.find("b")->scalar, "2");
}

TEST(Yaml, AnEmptyTextIsANullNodeAtItsStart) {
  for (const char* text : {"", "\n\n", "# only a comment", "---\n", "~\n", "null"}) {
    EXPECT_EQ(parsed(text).kind, Kind::kNull) << text;
  }
  EXPECT_EQ(parsed("# x\n").mark.text(), "f:1:1");
}

TEST(Yaml, AcceptsTheCoreTagsWhereTheyFit) {
  const YamlNode root = parsed("!!map\na: !!str 5\nb: !!int 5\nc: !!seq [x]\nd: ! 5\ne: !!str\n");
  EXPECT_TRUE(root.find("a")->quoted);
  EXPECT_FALSE(root.find("b")->quoted);
  EXPECT_EQ(root.find("c")->kind, Kind::kList);
  EXPECT_TRUE(root.find("d")->quoted);
  EXPECT_EQ(root.find("e")->scalar, "");
  EXPECT_EQ(refused("!!seq {a: b}"), "f:1:1: the tag 'tag:yaml.org,2002:seq' is not allowed here");
  EXPECT_EQ(refused("!!timestamp 2001-12-14"), "f:1:1: the tag 'tag:yaml.org,2002:timestamp' is not allowed here");
  EXPECT_EQ(refused("%TAG ! tag:evil,2000:\n---\n!x y\n"), "f:3:1: the tag 'tag:evil,2000:x' is not allowed here");
}

TEST(Yaml, UnderstandsQuotesAndBlockScalars) {
  const YamlNode root = parsed("a: 'it''s'\nb: \"\\\"x\\\" \\u00e9\\\\\"\nc: |\n  one\n  \"two\ne: plain's \"text\"\n");
  EXPECT_EQ(root.find("a")->scalar, "it's");
  EXPECT_EQ(root.find("b")->scalar, "\"x\" é\\");
  EXPECT_EQ(root.find("c")->scalar, "one\n\"two\n");
  EXPECT_EQ(root.find("e")->scalar, "plain's \"text\"");
}

TEST(Yaml, LimitsAreExact) {
  EXPECT_EQ(parsed(nested_lists(kYamlMaxDepth)).kind, Kind::kList);
  EXPECT_EQ(refused(nested_lists(kYamlMaxDepth + 1)), "f:1:17: nested more than 16 deep");
  std::string items;
  for (std::size_t i = 0; i + 1 < kYamlMaxNodes; ++i) items += "a,";
  EXPECT_EQ(parsed("[" + items + "]").items.size(), kYamlMaxNodes - 1);  // and the list itself
  EXPECT_EQ(refused("[" + items + "a]"), "f:1:20000: more than 10000 values");
  EXPECT_EQ(parsed(std::string(kYamlLimitBytes, 'a')).kind, Kind::kScalar);
  EXPECT_EQ(refused(std::string(kYamlLimitBytes + 1, 'a')),
            "f:1:1: 262145 bytes are too many: at most 262144 are read");
}

TEST(Yaml, AnythingRepeatedUpToTheLimitIsAnsweredInLinearTime) {
  for (const std::string unit : {"[",  "{",  "[]",     "- ",  ": ",  "? ",   "a:\n", "a ",   "\n",    "'",   "\"",
                                 "\\", "''", "!!str ", "&a ", "|\n", ">\n ", "[a,",  "{a: ", "---\n", "#\n", "a"}) {
    std::string text;
    while (text.size() + unit.size() + 5 <= kYamlLimitBytes) text += unit;
    for (const char* before : {"", "a: ", "["}) {
      const auto started = std::chrono::steady_clock::now();
      (void)parse_yaml(before + text, "f");
      EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5)) << before << unit;  // takes 0.02
    }
  }
}

TEST(Yaml, RefusesControlCharactersWrittenAsBytesButNotAsEscapes) {
  EXPECT_EQ(refused("a: \x07"), "f:1:4: control character 0x07 is not allowed");
  EXPECT_EQ(parsed("a: \"\\a\"").find("a")->scalar, "\a");
}

TEST(Yaml, TabsMayStandAnywhereButInTheIndentation) {
  EXPECT_EQ(parsed("a:\t1\t# x\n\t\n\t# comment\nb: 2\n").find("a")->scalar, "1");
  EXPECT_EQ(refused("a:\n \tb: 1"), "f:2:2: a tab is not allowed as indentation: use spaces");
}

TEST(Yaml, ErrorsOfAnOptionNameItInsteadOfAPosition) {
  const auto node = parse_yaml_option("[1", "--set a=[1");
  ASSERT_FALSE(node.has_value());
  EXPECT_TRUE(node.error().message.starts_with("--set a=[1: ")) << node.error().message;
}

TEST(Shown, CutsBetweenCharactersAndHidesControlCharacters) {
  EXPECT_EQ(shown("abc"), "abc");
  EXPECT_EQ(shown("aéé", 4), "aé…");
  EXPECT_EQ(shown(std::string_view("a\0\x1b\xff", 4)), "a???");
}

}  // namespace
}  // namespace lumos
