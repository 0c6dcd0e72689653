#include "control/load/load.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <limits>

#include "tests/support/fake_instance.h"

namespace lumos {
namespace {

LoadSpec spec_for(int port) {
  LoadSpec spec{.target = *parse_target("http://127.0.0.1:" + std::to_string(port) + "/", false)};
  spec.request.bytes = http::format_request("GET", "/", "x", {}, "");
  spec.connections = 1;
  spec.duration = std::chrono::milliseconds(50);
  spec.real_time = false;
  return spec;
}

TEST(RunLoad, DeliversWhatItWasAsked) {
  FakeInstance server(1, 0);
  server.listen();
  LoadSpec spec = spec_for(server.port());
  spec.arrivals = *parse_arrivals("uniform", "400");
  const LoadResult r = *run_load(spec, {});
  EXPECT_EQ(r.collected.count(Outcome::kOk), 20u);
  EXPECT_EQ(server.requests().size(), 20u);
  EXPECT_DOUBLE_EQ(*r.rate_asked_per_s(), 400);
  EXPECT_DOUBLE_EQ(r.rate_reached_per_s(), static_cast<double>(r.collected.sent_in_window()) / 0.05);
  EXPECT_GT(*r.cpu_us_per_request(), 0);
  EXPECT_GE(*r.latency_ms(1), *r.latency_ms(0.5));
  EXPECT_FALSE(r.interrupted);
  for (const LoadSample& s : r.collected.samples().items()) {
    EXPECT_LE(s.intended, s.sent);
    EXPECT_LT(s.sent, s.done);
  }
}

TEST(RunLoad, ClosedHasNoRateToAskFor) {
  FakeInstance server(1, 0);
  server.listen();
  const LoadResult r = *run_load(spec_for(server.port()), {});
  EXPECT_EQ(r.rate_asked_per_s(), std::nullopt);
  EXPECT_GT(r.collected.count(Outcome::kOk), 0u);
  EXPECT_EQ(r.collected.errors(), 0u);
}

TEST(RunLoad, ItsQuantilesAreThoseOfTheHistogramWhenSamplesWereLeftOut) {
  FakeInstance server(1, 0);
  server.listen();
  LoadSpec spec = spec_for(server.port());
  spec.arrivals = *parse_arrivals("uniform", "400");
  spec.sample_limit = 5;
  const LoadResult r = *run_load(spec, {});
  EXPECT_EQ(r.collected.samples().items().size(), 5u);
  EXPECT_EQ(*r.latency_ms(0.5), *r.collected.latency().quantile(0.5) / 1e6);
}

TEST(RunLoad, MoreConnectionsThanDescriptorsIsAnError) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  LoadSpec spec = spec_for(1);
  spec.connections = static_cast<int>(std::min<rlim_t>(before.rlim_max, 1'000'000'000));
  const auto result = run_load(spec, {});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kEnvironment);
  EXPECT_NE(result.error().message.find("ulimit -n"), std::string::npos);
}

}  // namespace
}  // namespace lumos
