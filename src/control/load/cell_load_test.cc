// A cell's load against a server of its own: what is asked, and what the conductor is told of it.
#include "control/load/cell_load.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <variant>

#include "record/wire.h"
#include "tests/support/fake_instance.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

class CellLoadTest : public testing::Test {
 protected:
  CellLoadTest() {
    plan_.seed = 7;
    plan_.inputs.push_back({.content_type = "application/json", .body = R"({"n":1})"});
    plan_.cells.push_back({.deployment = 3, .expected_digest = "ab"});
    plan_.cells[0].load = CellLoad{.duration = 60ms, .warmup = 20ms, .samples = 1'000'000};
  }

  static InstanceAnswer answer(int status, const std::string& headers) {
    return {std::format("HTTP/1.1 {} X\r\nContent-Length: 0\r\n{}\r\n", status, headers)};
  }

  /// Runs it to its end.
  void run(FakeInstance::Script script) {
    FakeInstance server(1, 0, std::move(script));
    server.listen();
    auto [ours, theirs] = *Channel::pair();
    std::jthread generator([&, &theirs = theirs] {
      const CellLoadTask task{.plan = &plan_, .first_sample = 1001, .port = server.port()};
      EXPECT_TRUE(run_cell_load(task, theirs).has_value());
    });
    std::array<std::byte, 4096> buffer;
    while (end_.window == 0 && end_.error.str().empty()) {
      const std::size_t size = *ours.receive_bytes(buffer.data(), buffer.size(), 10s);
      ASSERT_GT(size, 0u);
      const auto is = [&]<typename T>(T& message) {
        if (size != sizeof message || std::memcmp(buffer.data(), &message.kind, sizeof message.kind) != 0) return false;
        std::memcpy(&message, buffer.data(), sizeof message);
        return true;
      };
      wire::LoadSampleRecord sample;
      wire::LoadLatencies latencies;
      if (is(sample)) samples_.push_back(sample.client);
      if (is(latencies)) {
        for (std::int64_t i = 0; i < latencies.count; ++i) counted_ += latencies.pairs[static_cast<std::size_t>(i)][1];
      }
      (void)is(end_);
    }
    requests_ = server.requests();
  }

  std::int64_t outcome(Outcome outcome) const { return end_.outcomes[static_cast<std::size_t>(outcome)]; }

  Plan plan_;
  wire::LoadEnd end_;
  std::vector<wire::ClientRecord> samples_;
  std::int64_t counted_ = 0;
  std::vector<http::Message> requests_;
};

TEST_F(CellLoadTest, RequestsAreNumberedAndThoseOfTheWarmUpCountNowhere) {
  run([](const auto&) { return answer(200, "Lumos-Digest: ab\r\n"); });
  std::set<std::int64_t> before, within;
  for (const auto& request : requests_) {
    EXPECT_EQ(request.header("lumos-deployment"), "3");
    EXPECT_EQ(request.body, R"({"n":1})");
    const std::int64_t sample = std::stoll(std::string(request.header("lumos-sample")));
    EXPECT_TRUE((sample < 0 ? before : within).insert(sample).second) << sample;
  }
  EXPECT_FALSE(before.empty());
  ASSERT_FALSE(within.empty());
  EXPECT_EQ(*within.begin(), 1001);
  EXPECT_EQ(*within.rbegin(), 1000 + std::ssize(within));
  EXPECT_EQ(end_.requests, std::ssize(within));
  EXPECT_EQ(outcome(Outcome::kOk), end_.requests);
  EXPECT_EQ(end_.answered, std::ssize(requests_));
  EXPECT_EQ(counted_, end_.requests);
  ASSERT_EQ(std::ssize(samples_), end_.requests);
  EXPECT_EQ(samples_[0].sample, 1001);
  EXPECT_EQ(samples_[0].digest.str(), "ab");
  EXPECT_LE(samples_[0].intended, samples_[0].sent);
  EXPECT_EQ(end_.window, 60'000'000);
  EXPECT_EQ(end_.backlog_points, wire::kBacklogPoints);
}

TEST_F(CellLoadTest, OutcomesAreThoseOfTheGatewayAndOfTheDigest) {
  plan_.cells[0].load = CellLoad{.duration = 200ms, .warmup = 0ms};
  int n = 0;
  run([&](const auto&) {
    switch (++n) {
      case 1:
        return answer(200, "Lumos-Digest: other\r\n");
      case 2:
        return answer(503, "Lumos-Outcome: not_ready\r\n");
      case 3:
        return answer(500, "");
      default:
        return answer(200, "Lumos-Digest: ab\r\n");
    }
  });
  EXPECT_EQ(outcome(Outcome::kWrongOutput), 1);
  EXPECT_EQ(outcome(Outcome::kNotReady), 1);
  EXPECT_EQ(outcome(Outcome::kBadStatus), 1);
  EXPECT_EQ(outcome(Outcome::kOk), end_.requests - 3);
  EXPECT_EQ(end_.asked_per_1000s, wire::kAbsent);
}

TEST_F(CellLoadTest, SamplesAreBounded) {
  plan_.cells[0].load->samples = 5;
  run([](const auto&) { return answer(200, "Lumos-Digest: ab\r\n"); });
  EXPECT_GT(end_.requests, 5);
  EXPECT_EQ(std::ssize(samples_), 5);
  EXPECT_EQ(counted_, end_.requests);
}

}  // namespace
}  // namespace lumos
