#include "record/sample.h"

#include <gtest/gtest.h>

#include <numeric>

namespace lumos {
namespace {

std::int64_t sum(const PhaseBreakdown& p) {
  return std::accumulate(p.parts.begin(), p.parts.end(), p.residual_ns,
                         [](auto s, const auto& part) { return s + part.second; });
}

TEST(Phases, ColdPhasesAndResidualSumToTheLatency) {
  Sample s;
  s.stamps = {.intended = 0,
              .sent = 5,
              .received = 25,
              .create_begin = 30,
              .create_end = 1030,
              .start_begin = 1040,
              .start_end = 1540,
              .ready = 2000,
              .dispatched = 2010,
              .responded = 2110,
              .done = 2130};
  s.spans = {.deserialize = 10, .compute = 30, .serialize = 5, .handle = 50};
  const auto phases = phases_of(s);
  ASSERT_TRUE(phases.has_value());
  EXPECT_EQ(sum(*phases), 2130);
  EXPECT_EQ(phases->residual_ns, 10 + 5);  // between create and start; handle beyond its spans
}

TEST(Phases, OfACreationThatWasUnderWayOnlyTheRestCounts) {
  Sample s;
  s.stamps = {.intended = 1000,
              .sent = 1005,
              .received = 1025,
              .create_begin = 30,
              .create_end = 1030,
              .start_begin = 1040,
              .start_end = 1540,
              .ready = 2000,
              .dispatched = 2010,
              .responded = 2110,
              .done = 2130};
  const auto phases = phases_of(s);
  EXPECT_EQ(sum(*phases), 1130);
  EXPECT_EQ(phases->parts[2], (std::pair<std::string, std::int64_t>("queue", 0)));
  EXPECT_EQ(phases->parts[3], (std::pair<std::string, std::int64_t>("create", 5)));
}

TEST(Phases, WarmPhasesHaveNoLaunch) {
  Sample s;
  s.stamps = {.intended = 0, .sent = 5, .received = 25, .dispatched = 30, .responded = 90, .done = 100};
  const auto phases = phases_of(s);
  EXPECT_EQ(sum(*phases), 100);
  for (const auto& [name, duration] : phases->parts) EXPECT_NE(name, "create");
}

TEST(Phases, WithoutAnEndThereIsNoLatency) {
  Sample s;
  s.stamps.intended = 5;
  EXPECT_EQ(s.latency_ns(), std::nullopt);
  EXPECT_FALSE(phases_of(s).has_value());
}

TEST(Vocabulary, EveryNameParsesBack) {
  for (const auto& [value, name] : Names<Outcome>::kTable) EXPECT_EQ(parse_name<Outcome>(name), value);
  for (const auto& [value, name] : Names<Start>::kTable) EXPECT_EQ(parse_name<Start>(name), value);
  EXPECT_EQ(parse_name<Start>("tepid"), std::nullopt);
}

}  // namespace
}  // namespace lumos
