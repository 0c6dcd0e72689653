#include "report/load_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "analysis/load_checks.h"

namespace lumos {
namespace {

constexpr std::int64_t kMs = 1'000'000;

/// 100 requests at 10/s: the i-th (from 1) took i ms; the last `failed` timed out, the very last unsent.
LoadResult made(int failed) {
  LoadResult r{.spec = {.target = {.url = "http://127.0.0.1:8080/"}, .arrivals = *parse_arrivals("uniform", "10")},
               .pacing = {.core = 1, .real_time = true},
               .collected = Collector(1000, 0, RandomStream(1, "x")),
               .window = std::chrono::seconds(10),
               .wall = std::chrono::seconds(10),
               .cpu = std::chrono::milliseconds(3),
               .spun = std::chrono::milliseconds(2)};
  r.collected.end_window(r.window.count());
  for (int i = 1; i <= 100; ++i) {
    r.collected.due(30'000);
    LoadSample s{.intended = i * 100 * kMs - 50 * kMs, .sent = i * 100 * kMs - 50 * kMs};
    s.done = s.intended + i * kMs;
    if (i > 100 - failed) s.outcome = Outcome::kTimeout;
    if (failed > 0 && i == 100) s.sent = LoadSample::kNever;
    r.collected.ended(s);
  }
  return r;
}

TEST(LoadJson, HasWhatTheContractNames) {
  const LoadResult r = made(0);
  const auto json = nlohmann::json::parse(load_json(r, check_load(r)));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["requests"], 100);
  EXPECT_EQ(json["rate_asked_per_s"], 10);
  EXPECT_EQ(json["rate_reached_per_s"], 10);
  EXPECT_EQ(json["latency_ms"], (nlohmann::json{{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99_9", 100}, {"max", 100}}));
  EXPECT_EQ(json["schedule_error_us"]["p50"], 30);
  EXPECT_EQ(json["schedule_error_us"]["p99"], 30);
  EXPECT_EQ(json["schedule_error_us"]["histogram"], nlohmann::json::parse("[[32.768,100]]"));
  EXPECT_EQ(json["cpu_us_per_request"], 10);
  EXPECT_EQ(json["checks"][0]["name"], "load_delivered");
  EXPECT_EQ(json["checks"][0]["status"], "pass");
  for (const auto& [kind, count] : json["errors"].items()) EXPECT_EQ(count, 0) << kind;
}

TEST(LoadJson, FailuresAreInfiniteAndSoNull) {
  const LoadResult r = made(2);
  const auto json = nlohmann::json::parse(load_json(r, check_load(r)));
  EXPECT_EQ(json["errors"]["timeout"], 2);
  EXPECT_EQ(json["latency_ms"]["p90"], 90);
  EXPECT_TRUE(json["latency_ms"]["p99"].is_null());
  EXPECT_TRUE(json["latency_ms"]["max"].is_null());
  EXPECT_EQ(json["latency_ok_ms"]["max"], 98);
}

TEST(LoadText, SaysItAll) {
  const LoadResult r = made(2);
  EXPECT_EQ(load_text(r, check_load(r)),
            "http://127.0.0.1:8080/: an open load, arrivals uniform, over 64 connections, 10.0 s: 100 requests.\n\n"
            "  rate            asked 10/s, sent 9.9/s, answered rightly 9.8/s\n"
            "  latency         p50 50.0 ms, p90 90.0 ms, p99 ∞, p99.9 ∞, max ∞\n"
            "  of right ones   p50 49.0 ms, p99 98.0 ms, max 98.0 ms\n"
            "  errors          2 timeout\n"
            "  schedule error  p50 30.0 µs, p99 30.0 µs, max 30.0 µs\n"
            "  generator       10.0 µs CPU a request, 0 % of a core, real-time priority on core 1\n\n"
            "Checks:\n"
            "  fail  errors: 2 of 100 requests failed: 2 timeout.\n\n"
            "98 of 100 requests answered rightly, at 9.8/s; p99 of all ∞, counted from the intended time.\n");
}

TEST(LoadCsv, LeavesEmptyWhatWasNeverSent) {
  const std::string csv = load_csv(made(1));
  EXPECT_TRUE(csv.starts_with("intended_ns,sent_ns,done_ns,outcome\n50000000,50000000,51000000,ok\n"));
  EXPECT_TRUE(csv.ends_with("\n9950000000,,10050000000,timeout\n"));
}

TEST(LoadProgressText, IsOneLine) {
  LoadSpec spec{.arrivals = *parse_arrivals("poisson", "500")};
  const LoadProgress p{
      .elapsed = std::chrono::seconds(3), .sent = 1500, .errors = 1, .p50_ns = 120'000, .p99_ns = 1.2e6};
  EXPECT_EQ(progress_text(spec, p), "3/10 s: asked 500/s, sent 500/s, p50 120 µs, p99 1.20 ms, 1 error");
  spec.arrivals.reset();
  EXPECT_EQ(progress_text(spec, {.elapsed = std::chrono::seconds(1)}), "1/10 s: sent 0/s, p50 –, p99 –, 0 errors");
}

}  // namespace
}  // namespace lumos
