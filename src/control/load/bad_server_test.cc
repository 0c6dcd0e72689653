// Servers that misbehave: whatever they do, every request ends with an outcome, and the load with it.
#include <gtest/gtest.h>

#include "control/load/load.h"
#include "tests/support/fake_instance.h"

namespace lumos {
namespace {

LoadResult load(int port, Nanoseconds timeout = std::chrono::seconds(5), const std::string& digest = "") {
  LoadSpec spec{.target = *parse_target("http://127.0.0.1:" + std::to_string(port) + "/", false)};
  spec.request = {.bytes = http::format_request("GET", "/", "x", {}, ""), .digest = digest};
  spec.arrivals = *parse_arrivals("uniform", "200");
  spec.connections = 1;  // the fake serves one at a time
  spec.duration = std::chrono::milliseconds(50);
  spec.timeout = timeout;
  spec.real_time = false;
  auto result = run_load(spec, {});
  EXPECT_TRUE(result.has_value());
  EXPECT_EQ(result->collected.requests(), 10u);
  EXPECT_EQ(result->collected.ended(), 10u);
  return std::move(*result);
}

/// Every request ends as `outcome` when the server answers so.
void expect_outcome(Outcome outcome, const InstanceAnswer& answer, const std::string& digest = "") {
  FakeInstance server(1, 0, [&](const http::Message&) { return answer; });
  server.listen();
  const LoadResult result = load(server.port(), std::chrono::seconds(5), digest);
  EXPECT_EQ(result.collected.count(outcome), 10u) << name_of(outcome);
}

TEST(BadServer, NoneIsThere) {
  const LoadResult result = load(1);
  EXPECT_EQ(result.collected.count(Outcome::kRefused), 10u);
  EXPECT_EQ(result.collected.sent_in_window(), 0u);
}

TEST(BadServer, SendsGarbage) { expect_outcome(Outcome::kMalformed, {"SSH-2.0-nope\r\n", true}); }

TEST(BadServer, SendsEndlessHeaders) {
  expect_outcome(Outcome::kMalformed, {"HTTP/1.1 200 OK\r\nX: " + std::string(2 * http::kMaxHeaderBytes, 'x'), true});
}

TEST(BadServer, ClosesHalfWay) {
  expect_outcome(Outcome::kReset, {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi", true});
}

TEST(BadServer, ClosesWithoutAWord) { expect_outcome(Outcome::kReset, {"", true}); }

TEST(BadServer, AnswersWithAnotherStatus) { expect_outcome(Outcome::kBadStatus, {http::format_response(503, "{}")}); }

TEST(BadServer, AnswersWrongly) {
  const std::string answer = "HTTP/1.1 200 OK\r\nLumos-Digest: aa\r\nContent-Length: 0\r\n\r\n";
  expect_outcome(Outcome::kWrongOutput, {answer}, "bb");
  expect_outcome(Outcome::kWrongOutput, ok_answer(), "bb");
  expect_outcome(Outcome::kOk, {answer}, "aa");
}

TEST(BadServer, ClosesAfterEachAnswer) {
  expect_outcome(Outcome::kOk, {http::format_response(200, "{}", false), true});
}

TEST(BadServer, NeverAnswers) {
  FakeInstance server(1, 0, [](const http::Message&) { return InstanceAnswer{""}; });
  server.listen();
  const LoadResult result = load(server.port(), std::chrono::milliseconds(20));
  EXPECT_EQ(result.collected.count(Outcome::kTimeout), 10u);
}

TEST(BadServer, AcceptsNobody) {
  const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in name{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof name;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &size);
  const LoadResult result = load(ntohs(name.sin_port), std::chrono::milliseconds(20));
  EXPECT_EQ(result.collected.count(Outcome::kTimeout), 10u);
}

TEST(BadServer, CrashesUnderLoad) {
  int requests = 0;
  FakeInstance server(1, 0, [&](const http::Message&) {
    return ++requests < 4 ? ok_answer() : InstanceAnswer{"HTTP/1.1 200 OK\r\nContent-", true};
  });
  server.listen();
  const LoadResult result = load(server.port());
  EXPECT_EQ(result.collected.count(Outcome::kOk), 3u);
  EXPECT_EQ(result.collected.count(Outcome::kReset), 7u);
}

}  // namespace
}  // namespace lumos
