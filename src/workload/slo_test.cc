#include "workload/slo.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

using Kind = SloTerm::Kind;

TEST(Slo, ReadsWhatTheArchitectureNames) {
  const auto terms = parse_slo("p99<200ms,throughput>50/s,error<0.1%");
  ASSERT_TRUE(terms.has_value()) << terms.error().message;
  ASSERT_EQ(terms->size(), 3u);
  EXPECT_EQ((*terms)[0], (SloTerm{.kind = Kind::kLatency, .quantile = 0.99, .bound = 200, .text = "p99<200ms"}));
  EXPECT_EQ((*terms)[1].kind, Kind::kThroughput);
  EXPECT_DOUBLE_EQ((*terms)[1].bound, 50);
  EXPECT_EQ((*terms)[2].kind, Kind::kErrors);
  EXPECT_DOUBLE_EQ((*terms)[2].bound, 0.001);
}

TEST(Slo, GoodLines) {
  for (const char* text : {"p50<1s", "p99.9<2m", "p95 < 1.5ms , error < 5%", "error<100%", "throughput>0.5/s",
                           "p50<1ms,p99<2ms", "p99<1us"})
    EXPECT_TRUE(parse_slo(text).has_value()) << text;
  EXPECT_DOUBLE_EQ((*parse_slo("p99.9<2m"))[0].quantile, 0.999);
}

TEST(Slo, BadLinesSayWhat) {
  constexpr std::pair<const char*, const char*> kBad[] = {
      {"", "is empty"},
      {"p99", "expected a word"},
      {"p99<", "a latency has an upper bound"},
      {"p99<200", "a latency has an upper bound"},
      {"p99<0ms", "a latency has an upper bound"},
      {"p99>200ms", "a latency has an upper bound"},
      {"p99<-1ms", "a latency has an upper bound"},
      {"p0<1ms", "above p0"},
      {"p100<1ms", "above p0"},
      {"pinf<1ms", "unknown word"},
      {"p<1ms", "unknown word"},
      {"latency<1ms", "unknown word 'latency'"},
      {"errors<1%", "did you mean 'error'?"},
      {"error<0%", "errors have an upper bound"},
      {"error<0.1", "errors have an upper bound"},
      {"error>1%", "errors have an upper bound"},
      {"error<101%", "errors have an upper bound"},
      {"throughput<50/s", "a throughput has a lower bound"},
      {"throughput>50", "a throughput has a lower bound"},
      {"throughput>nan/s", "a throughput has a lower bound"},
      {"cost<2.5USD/1M", "cost is not available yet"},
      {"p99<1ms,", "expected a word"},
      {"p99<1ms,p99<2ms", "twice"},
      {"error<1%,error<2%", "twice"},
      {"p99<1ms;error<1%", "a latency has an upper bound"},
  };
  for (const auto& [text, expected] : kBad) {
    const auto terms = parse_slo(text);
    ASSERT_FALSE(terms.has_value()) << text;
    EXPECT_EQ(terms.error().code, ErrorCode::kUsage);
    EXPECT_NE(terms.error().message.find(expected), std::string::npos) << text << ": " << terms.error().message;
  }
}

}  // namespace
}  // namespace lumos
