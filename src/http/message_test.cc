#include "http/message.h"

#include <gtest/gtest.h>

namespace lumos::http {
namespace {

const std::string kPost = "POST /x HTTP/1.1\r\nHost: a\r\nLumos-Sample: 7\r\nContent-Length: 5\r\n\r\nhello";

TEST(HttpParser, ReadsARequestCutAtEveryByte) {
  for (std::size_t cut = 0; cut <= kPost.size(); ++cut) {
    Parser parser(Parser::Kind::kRequest);
    ASSERT_TRUE(parser.feed(kPost.substr(0, cut)).has_value());
    if (cut < kPost.size()) {
      EXPECT_FALSE(parser.complete());
      ASSERT_TRUE(parser.feed(kPost.substr(cut)).has_value());
    }
    ASSERT_TRUE(parser.complete());
    const Message m = parser.take();
    EXPECT_EQ(m.method, "POST");
    EXPECT_EQ(m.target, "/x");
    EXPECT_EQ(m.header("lumos-sample"), "7");
    EXPECT_EQ(m.body, "hello");
  }
}

TEST(HttpParser, LeavesThePipelinedNextMessageToTheCaller) {
  Parser parser(Parser::Kind::kRequest);
  const std::string two = kPost + kPost;
  EXPECT_EQ(*parser.feed(two), kPost.size());
  EXPECT_EQ(parser.take().body, "hello");
  EXPECT_EQ(*parser.feed(std::string_view(two).substr(kPost.size())), kPost.size());
  EXPECT_TRUE(parser.complete());
}

TEST(HttpParser, AResponseWithoutLengthEndsWithTheConnection) {
  Parser parser(Parser::Kind::kResponse);
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\n\r\nabc").has_value());
  EXPECT_FALSE(parser.complete());
  ASSERT_TRUE(parser.finish().has_value());
  const Message m = parser.take();
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.body, "abc");
  EXPECT_FALSE(m.keep_alive);
}

TEST(HttpParser, RefusesSmugglingAndGarbage) {
  for (const char* bad :
       {"GARBAGE\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length : 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"}) {
    Parser parser(Parser::Kind::kRequest);
    EXPECT_FALSE(parser.feed(bad).has_value()) << bad;
  }
}

TEST(HttpParser, BoundsTheHeader) {
  Parser parser(Parser::Kind::kRequest);
  EXPECT_FALSE(parser.feed("GET / HTTP/1.1\r\nX: " + std::string(kMaxHeaderBytes + 1, 'x')).has_value());
}

TEST(HttpParser, ACutMessageIsAnError) {
  Parser parser(Parser::Kind::kResponse);
  ASSERT_TRUE(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").has_value());
  EXPECT_FALSE(parser.finish().has_value());
}

TEST(HttpFormat, WhatIsWrittenParsesBack) {
  Parser requests(Parser::Kind::kRequest), responses(Parser::Kind::kResponse);
  ASSERT_TRUE(requests.feed(format_request("POST", "/", "h", {{"Lumos-Sample", "1"}}, "{}")).has_value());
  EXPECT_EQ(requests.take().body, "{}");
  ASSERT_TRUE(responses.feed(format_response(502, R"({"error":"x"})", false)).has_value());
  EXPECT_FALSE(responses.take().keep_alive);
}

}  // namespace
}  // namespace lumos::http
