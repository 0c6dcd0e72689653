// functions/sdk-cpp without sockets: the contract over them is for `functions verify`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/serve.h"

namespace sdk {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::expected<Answer, Failure> doubled(const Json& request, Spans& spans) {
  Fields fields(request);
  const std::int64_t n = fields.integer("n", 0, 1000);
  if (const auto failure = fields.failure()) return std::unexpected(*failure);
  const std::int64_t twice = spans.time(Span::kCompute, [&] { return 2 * n; });
  return Answer{.response = {{"twice", twice}}, .digest = digest(static_cast<std::uint64_t>(twice))};
}

struct Told {
  std::string bytes;
  Flow flow = Flow::kOpen;
};

// What one connection gets, when these bytes come in pieces of that size.
Told tell(std::string_view bytes, std::size_t piece = std::string_view::npos) {
  Exchange exchange(doubled, "i");
  Session session;
  Told told;
  const auto send = [&](std::string_view head, std::string_view body) {
    told.bytes.append(head).append(body);
    return true;
  };
  while (!bytes.empty() && told.flow != Flow::kClose) {
    told.flow = session.received(bytes.substr(0, piece), exchange, send);
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return told;
}

std::string post(std::string_view body, std::string_view fields = "") {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

TEST(CppSdk, TheDigestAgreesWithThePublishedVectors) {
  EXPECT_EQ(digest(""), 0xef46db3751d8e999);
  EXPECT_EQ(digest("a"), 0xd24ec4f1a98c6e5b);
  EXPECT_EQ(digest("abc"), 0x44bc2cf5ad770999);
  EXPECT_EQ(digest("Nobody inspects the spammish repetition"), 0xfbcea83c8a378bf1) << "more than 32 bytes";
  EXPECT_EQ(digest(std::uint64_t{0}), 0x34c96acdcadb1bbb) << "as the Rust SDK has it of eight zeros";
}

TEST(CppSdk, AnswersWithDigestCountAndSpans) {
  const Told told = tell(post(R"({"n": 21})") + post(R"({"n": 21})"));
  EXPECT_THAT(told.bytes, StartsWith("HTTP/1.1 200 OK\r\nLumos-Instance: i\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(told.bytes, HasSubstr("\r\n\r\n{\"twice\":42}"));
  EXPECT_THAT(told.bytes, HasSubstr("Lumos-Invocation: 2\r\nServer-Timing: receive;dur=0."));
  EXPECT_THAT(told.bytes, HasSubstr(", compute;dur=0."));
  EXPECT_EQ(told.flow, Flow::kOpen);
}

TEST(CppSdk, RefusesWhatIsNoRequest) {
  for (const char* body : {"", "[]", "1", "null", "{]", R"({"n":1)", R"({"n":true})", R"({"n":1.0})", R"({"n":-1})",
                           R"({"n":1001})", R"({"n":99999999999999999999})", "{}", R"({"n":1,"m":1})",
                           R"({"n":1,"n":2})", R"({"n":1}{"n":1})", R"({"n":"1"})"}) {
    const Told told = tell(post(body));
    EXPECT_THAT(told.bytes, StartsWith("HTTP/1.1 400 Bad Request\r\n")) << body;
    EXPECT_THAT(told.bytes, HasSubstr("{\"error\":\"")) << body;
    EXPECT_THAT(told.bytes, HasSubstr("Lumos-Invocation: 1\r\n")) << body;
    EXPECT_THAT(told.bytes, Not(HasSubstr("Lumos-Digest"))) << body;
    EXPECT_EQ(told.flow, Flow::kOpen) << body;
  }
}

TEST(CppSdk, TheVerdictDoesNotDependOnHowTheBytesCome) {
  const std::string length = "Content-Length: 9\r\n";
  for (const auto& [request, status] : std::initializer_list<std::pair<std::string, const char*>>{
           {post(R"({"n": 21})"), "200"},
           {post(R"({"n": 21})", "Connection: close\r\n"), "200"},
           {"GET /healthz HTTP/1.1\r\n\r\n", "200"},
           {"\r\nGET /healthz?x HTTP/1.0\r\n\r\n", "200"},
           {"GET / HTTP/1.1\r\n\r\n", "405"},
           {"GET /a HTTP/1.1\r\n\r\n", "404"},
           {"GET / HTTP/2.0\r\n\r\n", "400"},
           {"GET  / HTTP/1.1\r\n\r\n", "400"},
           {"GET /\n", "400"},
           {"GET / HTTP/1.1\r\nA b\r\n\r\n", "400"},
           {"GET / HTTP/1.1\r\nA : b\r\n\r\n", "400"},
           {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "400"},
           {"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "400"},
           {post("", length), "400"},
           {"POST / HTTP/1.1\r\nContent-Length: +9\r\n\r\n", "400"},
           {"POST / HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n", "413"},
           {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "411"},
           {"POST / HTTP/1.1\r\n" + length + "Transfer-Encoding: chunked\r\n\r\n", "400"},
           {"POST / HTTP/1.1\r\nExpect: more\r\n\r\n", "417"},
           {"GET / HTTP/1.1\r\nA: " + std::string(20 << 10, 'x'), "431"}}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, request.size()})
      EXPECT_EQ(tell(request, piece).bytes.substr(9, 3), status) << piece << " of " << request;
  }
}

TEST(CppSdk, WhatIsBehindARefusedRequestIsNotAnswered) {
  const Told told = tell("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" + post(R"({"n": 1})"));
  EXPECT_THAT(told.bytes, StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(told.bytes.find("HTTP/1.1", 1), std::string::npos);
  EXPECT_EQ(told.flow, Flow::kDrain);
}

TEST(CppSdk, AnInvitationIsSentOnce) {
  const Told told = tell(post(R"({"n": 21})", "Expect: 100-continue\r\n"), 70);
  EXPECT_THAT(told.bytes, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"));
}

}  // namespace
}  // namespace sdk
