// The worker against servers that exist on a clock of their own: nothing sleeps, and a window of 12 s takes no time.
#include "control/load/worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/support/virtual_server.h"

namespace lumos {
namespace {

constexpr std::int64_t kMs = 1'000'000, kSecond = 1'000'000'000;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Load {
  WorkerConfig config{
      .connections = 8, .timeout = std::chrono::seconds(5), .begin = 1000, .window = std::chrono::seconds(2)};
  std::string rate = "1000";
  ThinkTime think;
  std::size_t sample_limit = 1'000'000;
  bool closed = false;

  Collector run(VirtualServer server) {
    Collector collector(sample_limit, 0, RandomStream(1, "samples"));
    std::unique_ptr<Demand> demand;
    if (closed) {
      demand = std::make_unique<ClosedLoop>(config.connections, think, config.begin, config.window,
                                            RandomStream(1, "think"));
    } else {
      demand = std::make_unique<OpenLoop>(
          Arrivals(*parse_arrivals("uniform", rate), config.window, RandomStream(1, "arrivals")), config.begin);
    }
    window = Worker(config, server, *demand, collector).run();
    EXPECT_EQ(collector.ended(), collector.requests());
    EXPECT_EQ(collector.latency().count(), collector.requests());
    return collector;
  }
  Nanoseconds window{0};
};

TEST(Worker, DeliversAnOpenLoad) {
  const Collector c = Load{}.run(VirtualServer([](auto) { return Answer{.after = 3 * kMs}; }));
  EXPECT_EQ(c.requests(), 2000u);
  EXPECT_EQ(c.sent_in_window(), 2000u);
  EXPECT_EQ(c.count(Outcome::kOk), 2000u);
  EXPECT_EQ(c.waited_for_connection(), 0u);
  EXPECT_EQ(c.latency().max(), 3 * kMs);
  EXPECT_EQ(c.schedule_error().max(), 0);
}

// 1000/s for 2 s over 8 connections of 20 ms each: 400/s. The line grows by 600/s, and the last in it waits 3 s.
TEST(Worker, LatencyCountsFromTheIntendedTimeWhenConnectionsRunOut) {
  const Collector c = Load{}.run(VirtualServer([](auto) { return Answer{.after = 20 * kMs}; }));
  EXPECT_EQ(c.count(Outcome::kOk), 2000u);
  EXPECT_NEAR(static_cast<double>(c.sent_in_window()), 800, 10);
  EXPECT_GT(c.waited_for_connection(), 1900u);
  EXPECT_NEAR(*c.latency().max(), 3.01 * kSecond, 0.02 * kSecond);
  EXPECT_EQ(c.schedule_error().max(), 0);  // the generator was not late
}

TEST(Worker, AStallShowsWhereverItFalls) {
  for (const std::int64_t begin : {0, 1, 3, 5, 8, 10}) {
    Load load{.rate = "5000"};
    load.config.window = std::chrono::seconds(12);
    const std::int64_t stall = begin * kSecond + 777, end = stall + 2 * kSecond;
    const Collector c = load.run(VirtualServer([=](std::int64_t now) {
      return Answer{.after = now >= stall && now < end ? end - now + kMs / 10 : kMs / 10};
    }));
    EXPECT_EQ(c.requests(), 60'000u);
    EXPECT_EQ(c.errors(), 0u);
    EXPECT_GE(*c.latency().quantile(0.99), 1.85 * kSecond) << "stall at " << begin << " s";
    EXPECT_LT(*c.latency().quantile(0.5), kMs) << "stall at " << begin << " s";
  }
}

TEST(Worker, WhatNeverAnswersTimesOutAndItsConnectionsAreUsedAgain) {
  Load load;
  load.config.timeout = std::chrono::milliseconds(100);
  const Collector c = load.run(VirtualServer([](auto) { return Answer{.after = INT64_MAX}; }));
  EXPECT_EQ(c.requests(), 2000u);
  EXPECT_EQ(c.count(Outcome::kTimeout), 2000u);
  EXPECT_GT(c.sent_in_window(), 1000u);  // at the cost of those before them
  EXPECT_EQ(c.waited_for_connection(), 1992u);
  EXPECT_EQ(c.latency().quantile(0.01), kInfinity);
}

TEST(Worker, DrainsWhatIsOutstandingAtTheEndOfTheWindow) {
  Load load;
  load.config.connections = 2000;
  const Collector c =
      load.run(VirtualServer([](std::int64_t now) { return Answer{.after = now > kSecond ? 3 * kSecond : kMs}; }));
  EXPECT_EQ(c.count(Outcome::kOk), 2000u);
  EXPECT_EQ(c.sent_in_window(), 2000u);
  EXPECT_EQ(c.latency().max(), 3 * kSecond);
}

TEST(Worker, CountsEachKindOfFailureApart) {
  const Outcome kinds[] = {Outcome::kRefused, Outcome::kReset, Outcome::kBadStatus, Outcome::kMalformed,
                           Outcome::kWrongOutput};
  std::size_t next = 0;
  const Collector c =
      Load{}.run(VirtualServer([&](auto) { return Answer{.after = kMs, .outcome = kinds[next++ % 5]}; }));
  for (const Outcome kind : kinds) EXPECT_EQ(c.count(kind), 400u) << name_of(kind);
  EXPECT_EQ(c.errors(), 2000u);
  EXPECT_EQ(c.latency_of_ok().count(), 0u);
}

TEST(Worker, WhatEndsAtOnceIsNeverSent) {
  const Collector c = Load{}.run(VirtualServer([](auto) { return Answer{.after = 0, .outcome = Outcome::kRefused}; }));
  EXPECT_EQ(c.count(Outcome::kRefused), 2000u);
  EXPECT_EQ(c.sent_in_window(), 0u);
}

TEST(Worker, ALateGeneratorIsSeenInTheScheduleError) {
  VirtualServer server([](auto) { return Answer{.after = kMs}; });
  server.late = 7 * kMs;  // every wait ends so much too late
  const Collector c = Load{}.run(std::move(server));
  EXPECT_GT(*c.schedule_error().quantile(0.5), 1 * kMs);
  EXPECT_NEAR(*c.schedule_error().max(), 7 * kMs, kMs);
}

// Response times law: c users, each r + think per cycle.
TEST(Worker, AClosedLoadFollowsTheLawOfResponseTimes) {
  Load load{.think = {.mean = Nanoseconds(6 * kMs)}, .closed = true};
  const Collector c = load.run(VirtualServer([](auto) { return Answer{.after = 4 * kMs}; }));
  EXPECT_NEAR(static_cast<double>(c.requests()), 8 * 2 / 0.010, 8);
  EXPECT_EQ(c.latency().max(), 4 * kMs);
}

TEST(Worker, AnInterruptionEndsTheWindowAndDrains) {
  Load load;
  int asked = 0;
  load.config.interrupted = [&] { return ++asked > 500; };
  const Collector c = load.run(VirtualServer([](auto) { return Answer{.after = 30 * kMs}; }));
  EXPECT_LT(load.window, std::chrono::seconds(2));
  EXPECT_GT(c.requests(), 0u);
  EXPECT_LT(c.requests(), 2000u);
  EXPECT_EQ(c.count(Outcome::kOk), c.requests());
}

TEST(Worker, ReportsEverySecond) {
  Load load;
  std::vector<LoadProgress> seen;
  load.config.progress = [&](const LoadProgress& p) { seen.push_back(p); };
  load.run(VirtualServer([](auto) { return Answer{.after = kMs}; }));
  ASSERT_GE(seen.size(), 1u);
  EXPECT_NEAR(static_cast<double>(seen[0].due), 1000, 2);
  EXPECT_EQ(seen[0].errors, 0u);
  EXPECT_EQ(seen[0].p99_ns, kMs);
}

TEST(Worker, MemoryIsBoundedBySampleLimit) {
  Load load{.sample_limit = 100};
  const Collector c = load.run(VirtualServer([](auto) { return Answer{.after = kMs}; }));
  EXPECT_EQ(c.samples().items().size(), 100u);
  EXPECT_EQ(c.samples().seen(), 2000u);
  EXPECT_FALSE(c.samples().complete());
}

TEST(Worker, WhatIsDueBeforeTheWindowCountsNowhere) {
  Load load{.closed = true};
  load.config.begin = kSecond;  // the users begin at once
  Collector collector(1000, 0, RandomStream(1, "samples"));
  ClosedLoop demand(1, {}, 0, std::chrono::seconds(2), RandomStream(1, "think"));
  VirtualServer server([](auto) { return Answer{.after = 100 * kMs}; });
  load.config.connections = 1;
  load.config.window = std::chrono::seconds(1);
  Worker(load.config, server, demand, collector).run();
  EXPECT_EQ(collector.requests(), 10u);
  EXPECT_EQ(collector.ended(), 10u);
  ASSERT_EQ(server.asked.size(), 20u);
  EXPECT_EQ(server.asked[0].number, -1);
  EXPECT_EQ(server.asked[9].number, -10);
  EXPECT_EQ(server.asked[10].number, 0);
  EXPECT_EQ(server.asked[19].number, 9);
}

// 100 a second, each answered after the end: the backlog is what was due.
TEST(Worker, CountsTheBacklog) {
  Load load{.rate = "100"};
  load.config.backlog_points = 4;
  load.config.connections = 1000;
  int begun = 0, over = 0;
  load.config.window_begins = [&] { ++begun; };
  load.config.window_ends = [&] { ++over; };
  Collector collector(1000, 0, RandomStream(1, "samples"));
  OpenLoop demand(Arrivals(*parse_arrivals("uniform", "100"), load.config.window, RandomStream(1, "a")), 1000);
  VirtualServer server([](auto) { return Answer{.after = 4 * kSecond}; });
  Worker worker(load.config, server, demand, collector);
  worker.run();
  ASSERT_EQ(worker.backlog().size(), 4u);
  for (int k = 0; k < 4; ++k)
    EXPECT_NEAR(static_cast<double>(worker.backlog()[static_cast<std::size_t>(k)]), 50 * (k + 1), 11);
  EXPECT_EQ(std::pair(begun, over), std::pair(1, 1));
}

}  // namespace
}  // namespace lumos
