#include "control/contract/contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "control/contract/bad_requests.h"
#include "tests/support/fake_instance.h"

namespace lumos {
namespace {

using ::testing::HasSubstr;

const Input kJson{.format = "json", .content_type = "application/json", .body = R"({"object":{"text":"a"}})"};
const Input kCbor{.format = "cbor", .content_type = "application/cbor", .body = "\xa1\x61z\x01"};
const Input kProtobuf{.format = "protobuf", .content_type = "application/x-protobuf", .body = "\x08\x01"};

// What a right function says, with some of it changed.
struct Saying {
  int status = 200;
  std::string type, digest = "0123456789abcdef", instance = "i", invocation = "1", body = "{}";
  std::string timing = "receive;dur=0.001, deserialize;dur=0.001, compute;dur=1, serialize;dur=0.001, handle;dur=1.01";
};

std::string bytes_of(const Saying& s, const http::Message& request) {
  return std::format(
      "HTTP/1.1 {} X\r\nLumos-Instance: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nLumos-Digest: {}\r\n"
      "Lumos-Invocation: {}\r\nServer-Timing: {}\r\n\r\n{}",
      s.status, s.instance, s.type.empty() ? request.header("content-type") : s.type, s.body.size(), s.digest,
      s.invocation, s.timing, s.body);
}

// What a line finds wrong with an instance that always says this.
std::string found(std::string_view line, const Saying& says,
                  FakeInstance::Serving serving = FakeInstance::Serving::kAtOnce) {
  FakeInstance instance(
      1, 0, [&](const http::Message& request) { return InstanceAnswer{bytes_of(says, request)}; }, serving);
  instance.listen();
  const ContractSubject subject{.address = {instance.address(), instance.port()},
                                .instance = "i",
                                .inputs = {&kJson, &kCbor, &kProtobuf},
                                .digest = "0123456789abcdef",
                                .takes_key = true,
                                .patience = std::chrono::milliseconds(300)};
  const ContractVerdict verdict = check_contract_line(subject, line);
  EXPECT_EQ(verdict.line, line);
  return verdict.broken;
}

TEST(Contract, ARightAnswerIsKept) {
  EXPECT_EQ(found("answer", {}), "");
  EXPECT_EQ(found("spans", {}), "");
}

TEST(Contract, AWrongAnswerIsNamed) {
  EXPECT_EQ(found("ready", {.status = 503}), "GET /healthz: expected 200 ok, got 503 {}");
  EXPECT_EQ(found("answer", {.status = 500, .body = "oh"}), "a right request in json: expected 200, got 500 oh");
  EXPECT_EQ(found("answer", {.type = "application/json"}), "the response to application/cbor is application/json");
  EXPECT_EQ(found("answer", {.digest = "0123456789abcdee"}),
            "the result in json has digest 0123456789abcdee, expected 0123456789abcdef");
  EXPECT_EQ(found("answer", {.digest = "none"}), "Lumos-Digest must be 16 hexadecimal digits, not 'none'");
  EXPECT_EQ(found("headers", {.instance = "j"}), "Lumos-Instance is 'j', the instance is i");
  EXPECT_EQ(found("headers", {.invocation = "x"}), "Lumos-Invocation must be a count from 1, not 'x'");
  EXPECT_EQ(found("headers", {}), "a refusal has a Lumos-Digest");
  EXPECT_EQ(found("headers", {.digest = ""}), "Lumos-Invocation went from 1 to 1");
}

TEST(Contract, SpansThatDoNotAddUpAreNamed) {
  EXPECT_THAT(found("spans", {.timing = "handle;dur=1"}), HasSubstr("must have receive, deserialize"));
  EXPECT_THAT(found("spans", {.timing = "receive;dur=0, deserialize;dur=1, serialize;dur=1, handle;dur=1.5"}),
              HasSubstr("longer than handle"));
  EXPECT_THAT(found("spans", {.timing = "receive;dur=0, deserialize;dur=1, serialize;dur=1, handle;dur=2.2"}),
              HasSubstr("leave 200 µs of handle"));
}

TEST(Contract, WhoAnswersEverythingRefusesNothing) {
  for (const char* line :
       {"empty", "truncated", "wrong-type", "missing-key", "huge", "method", "smuggling", "keep-alive"}) {
    const std::string broken = found(line, {});
    EXPECT_THAT(broken, HasSubstr("expected")) << line;
    EXPECT_THAT(broken, ::testing::AnyOf(HasSubstr("got 200"), HasSubstr("nothing came"), HasSubstr("got"))) << line;
  }
}

TEST(Contract, WhoServesOneAfterTheOtherIsNamed) {
  EXPECT_THAT(found("slow-sender", {.body = "ok"}, FakeInstance::Serving::kOneAfterTheOther),
              HasSubstr("while another sends slowly: "));
}

TEST(Contract, SilenceIsNamed) {
  FakeInstance silent(1, 0, [](const http::Message&) { return InstanceAnswer{}; });
  silent.listen();
  ContractSubject subject{
      .address = {silent.address(), silent.port()}, .inputs = {&kJson}, .patience = std::chrono::milliseconds(50)};
  EXPECT_THAT(check_contract_line(subject, "answer").broken, HasSubstr("nothing came in time"));
  silent.stop();
  EXPECT_THAT(check_contract_line(subject, "answer").broken, HasSubstr("not connected"));
}

TEST(Contract, EveryLineHasItsName) {
  const auto lines = contract_lines();
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), lines.size());
  EXPECT_GE(lines.size(), 14U);
}

// The requests themselves: each is bad in one way only.
TEST(BadRequests, SmuggledOnesHoldARightOneBehind) {
  const std::string right = post_request(kJson.content_type, kJson.body);
  const auto bad = smuggled_requests(kJson);
  EXPECT_GE(bad.size(), 12U);
  for (const auto& request : bad) {
    EXPECT_TRUE(request.bytes.ends_with(right)) << request.what;
    EXPECT_TRUE(request.closes) << request.what;
  }
}

TEST(BadRequests, AFunctionWithoutFieldsLacksNone) {
  const Input nothing{.format = "json", .content_type = "application/json", .body = "{}"};
  const std::vector<const Input*> inputs{&nothing};
  EXPECT_TRUE(missing_keys(inputs, false).empty());
  EXPECT_EQ(empty_requests(inputs).size(), 2U);
  const std::vector<const Input*> data{&kJson, &kCbor, &kProtobuf};
  EXPECT_EQ(empty_requests(data).size(), 3U) << "an empty Protobuf message is right";
  EXPECT_THAT(missing_keys(data, true)[2].bytes, HasSubstr(R"({"input":"no-such-object","output":"result"})"));
  EXPECT_EQ(missing_keys(data, true)[2].status, 502);
}

}  // namespace
}  // namespace lumos
