#include "control/environment/link_shaper.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace lumos {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMs = 1'000'000, kS = 1'000'000'000;
constexpr std::int64_t kPacket = 1500;

std::int64_t departure(LinkShaper& link, std::int64_t now, std::int64_t bytes = kPacket) {
  const auto verdict = link.offer(now, bytes);
  EXPECT_EQ(verdict.fate, PacketFate::kPassed);
  return verdict.departure;
}

// Delays of packets that come so far apart that none waits for the one ahead.
std::vector<double> delays_ms(const Jitter& jitter, int count) {
  LinkShaper link({.delay = 100ms, .jitter = jitter}, 42, "test");
  std::vector<double> delays;
  for (int i = 0; i < count; ++i) {
    const std::int64_t now = i * 100 * kS;
    delays.push_back(static_cast<double>(departure(link, now) - now) / 1e6);
  }
  return delays;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  const double m = mean(values);
  double sum = 0;
  for (const double v : values) sum += (v - m) * (v - m);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST(LinkShaper, AnEmptyProfileChangesNothing) {
  LinkShaper link({}, 1, "test");
  EXPECT_EQ(departure(link, 17), 17);
  EXPECT_EQ(departure(link, 17), 17);
  EXPECT_EQ(departure(link, 18), 18);
}

TEST(LinkShaper, DelaysEveryPacketAlike) {
  LinkShaper link({.delay = 25ms}, 1, "test");
  EXPECT_EQ(departure(link, 0), 25 * kMs);
  EXPECT_EQ(departure(link, 3), 25 * kMs + 3);
}

TEST(LinkShaper, AnIdleRateTakesAPacketsOwnTime) {
  LinkShaper link({.delay = 1ms, .rate_bit_per_s = 12'000'000, .queue_bytes = 15'000}, 1, "test");
  EXPECT_EQ(departure(link, 0), kMs + 1 * kMs);  // 1500 bytes at 12 Mbit/s: 1 ms
  EXPECT_EQ(departure(link, 10 * kMs, 150), 11 * kMs + kMs / 10);
}

TEST(LinkShaper, PacketsThatComeAtOnceLeaveAtTheRate) {
  LinkShaper link({.rate_bit_per_s = 12'000'000, .queue_bytes = 150'000}, 1, "test");
  for (int i = 1; i <= 50; ++i) EXPECT_EQ(departure(link, 0), i * kMs);
}

TEST(LinkShaper, TheQueueHoldsItsBytesAndDropsWhatComesThen) {
  LinkShaper link({.rate_bit_per_s = 12'000'000, .queue_bytes = 6000}, 1, "test");
  for (int i = 0; i < 4; ++i) departure(link, 0);
  EXPECT_EQ(link.offer(0, kPacket).fate, PacketFate::kQueueFull);
  EXPECT_EQ(link.offer(kMs - 1, kPacket).fate, PacketFate::kQueueFull);
  EXPECT_EQ(departure(link, kMs), 5 * kMs);  // one has left
}

TEST(LinkShaper, APacketLargerThanTheQueuePassesWhenNothingWaits) {
  LinkShaper link({.rate_bit_per_s = 8'000, .queue_bytes = 1000}, 1, "test");
  EXPECT_EQ(departure(link, 0), kS * 3 / 2);
  EXPECT_EQ(link.offer(kMs, kPacket).fate, PacketFate::kQueueFull);
}

TEST(LinkShaper, SustainsTheRateAndLosesTheRest) {
  // Twice the rate for 10 s: half passes, but for what the queue still holds.
  LinkShaper link({.rate_bit_per_s = 12'000'000, .queue_bytes = 15'000}, 1, "test");
  int passed = 0;
  for (std::int64_t now = 0; now < 10 * kS; now += kMs / 2)
    passed += link.offer(now, kPacket).fate == PacketFate::kPassed;
  EXPECT_NEAR(passed, 10'000, 11);
}

TEST(LinkShaper, LosesItsShare) {
  constexpr int kPackets = 200'000;
  constexpr double kLoss = 0.01;
  LinkShaper link({.loss = kLoss}, 42, "test");
  int lost = 0;
  for (int i = 0; i < kPackets; ++i) lost += link.offer(i, kPacket).fate == PacketFate::kLost ? 1 : 0;
  EXPECT_NEAR(lost, kPackets * kLoss, 4 * std::sqrt(kPackets * kLoss * (1 - kLoss)));
}

TEST(LinkShaper, TheSeedDecidesWhichAreLost) {
  LinkShaper a({.loss = 0.5}, 42, "test"), b({.loss = 0.5}, 42, "test"), c({.loss = 0.5}, 43, "test");
  int differ = 0;
  for (int i = 0; i < 100; ++i) {
    const auto fate = a.offer(i, kPacket).fate;
    EXPECT_EQ(fate, b.offer(i, kPacket).fate);
    differ += fate == c.offer(i, kPacket).fate ? 0 : 1;
  }
  EXPECT_GT(differ, 20);
}

TEST(LinkShaper, UniformJitterStaysWithinItsRange) {
  const auto delays = delays_ms({.of = 10ms, .distribution = JitterKind::kUniform}, 20'000);
  EXPECT_NEAR(mean(delays), 100, 4 * (10 / std::sqrt(3)) / std::sqrt(20'000));
  EXPECT_GE(std::ranges::min(delays), 90);
  EXPECT_LE(std::ranges::max(delays), 110);
}

TEST(LinkShaper, NormalJitterHasItsDeviation) {
  const auto delays = delays_ms({.of = 10ms, .distribution = JitterKind::kNormal}, 20'000);
  EXPECT_NEAR(mean(delays), 100, 4 * 10 / std::sqrt(20'000));
  EXPECT_NEAR(deviation(delays), 10, 4 * 10 / std::sqrt(2 * 20'000));
}

TEST(LinkShaper, ParetoJitterOnlyLengthensAndHasItsMean) {
  const auto delays = delays_ms({.of = 10ms, .distribution = JitterKind::kPareto}, 100'000);
  EXPECT_GE(std::ranges::min(delays), 100);
  // Shape 3: the deviation of a Lomax is its mean times √3.
  EXPECT_NEAR(mean(delays), 110, 4 * 10 * std::sqrt(3) / std::sqrt(100'000));
  EXPECT_GT(std::ranges::max(delays), 100 + 10 * 10);
}

TEST(LinkShaper, JitterReordersNothingAndDepartsNoEarlierThanItCame) {
  LinkShaper link({.delay = 1ms, .jitter = {.of = 5ms}}, 42, "test");
  std::int64_t last = 0;
  for (std::int64_t now = 0; now < kS; now += 10'000) {
    const std::int64_t left = departure(link, now);
    EXPECT_GE(left, std::max(last, now));
    last = left;
  }
}

TEST(LinkShaper, NothingPassesInAnOutage) {
  LinkShaper link({.outages = {{.at = 10s, .lasting = 2s}}}, 1, "test");
  EXPECT_EQ(departure(link, 5 * kS), 5 * kS);  // none before it is counted
  link.begin_outages(100 * kS);
  EXPECT_EQ(departure(link, 110 * kS - 1), 110 * kS - 1);
  EXPECT_EQ(link.offer(110 * kS, kPacket).fate, PacketFate::kOutage);
  EXPECT_EQ(link.offer(112 * kS - 1, kPacket).fate, PacketFate::kOutage);
  EXPECT_EQ(departure(link, 112 * kS), 112 * kS);
  EXPECT_EQ(departure(link, 130 * kS), 130 * kS);
}

TEST(LinkShaper, AnOutageMayComeAgain) {
  LinkShaper link({.outages = {{.at = 10s, .lasting = 1s, .repeated = 15s}}}, 1, "test");
  link.begin_outages(0);
  for (const std::int64_t at : {10, 25, 40, 1510}) {
    EXPECT_EQ(link.offer(at * kS, kPacket).fate, PacketFate::kOutage) << at;
    departure(link, (at + 1) * kS);
  }
}

}  // namespace
}  // namespace lumos
