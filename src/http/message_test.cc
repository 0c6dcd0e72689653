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

TEST(HttpParser, SaysWhenTheHeadIsWhole) {
  Parser parser(Parser::Kind::kRequest);
  ASSERT_TRUE(parser.feed("POST / HTTP/1.1\r\nContent-Length: 2\r\n").has_value());
  EXPECT_FALSE(parser.head_complete());
  ASSERT_TRUE(parser.feed("\r\n{").has_value());
  EXPECT_TRUE(parser.head_complete());
  EXPECT_FALSE(parser.complete());
  ASSERT_TRUE(parser.feed("}").has_value());
  (void)parser.take();
  ASSERT_TRUE(parser.feed("POST / HTTP/1.1\r\n").has_value());
  EXPECT_FALSE(parser.head_complete());
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

TEST(HttpParser, KeepsNoMoreThanItIsAskedTo) {
  const std::string text = "HTTP/1.1 503 Busy\r\nLumos-Digest: ab\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    Parser headers(Parser::Kind::kResponse, Keep::kHeaders), status(Parser::Kind::kResponse, Keep::kStatus);
    for (Parser* parser : {&headers, &status}) {
      ASSERT_TRUE(parser->feed(text.substr(0, cut)).has_value());
      ASSERT_TRUE(parser->feed(text.substr(cut)).has_value());
      ASSERT_TRUE(parser->complete());
    }
    const Message with_headers = headers.take(), bare = status.take();
    EXPECT_EQ(with_headers.header("lumos-digest"), "ab");
    EXPECT_EQ(with_headers.body, "");
    EXPECT_EQ(bare.status, 503);
    EXPECT_TRUE(bare.keep_alive && bare.headers.empty() && bare.body.empty());
  }
}

TEST(HttpParser, WhatIsNotKeptIsBoundedAllTheSame) {
  for (const Keep keep : {Keep::kHeaders, Keep::kStatus}) {
    Parser header(Parser::Kind::kResponse, keep), body(Parser::Kind::kResponse, keep);
    EXPECT_FALSE(header.feed("HTTP/1.1 200 OK\r\nX: " + std::string(kMaxHeaderBytes + 1, 'x')).has_value());
    ASSERT_TRUE(body.feed("HTTP/1.1 200 OK\r\n\r\n").has_value());
    const std::string part(1 << 20, 'x');
    std::size_t fed = 0;
    while (body.feed(part).has_value()) ASSERT_LE(fed += part.size(), kMaxBodyBytes);
    EXPECT_EQ(fed, kMaxBodyBytes);
  }
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
