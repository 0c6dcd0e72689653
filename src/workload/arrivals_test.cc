#include "workload/arrivals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

std::vector<double> seconds_of(const ArrivalSpec& spec, double window_s, std::uint64_t seed = 1) {
  Arrivals arrivals(spec, Nanoseconds(std::llround(window_s * 1e9)), RandomStream(seed, "arrivals"));
  std::vector<double> times;
  std::int64_t before = 0;
  while (const auto time = arrivals.next()) {
    EXPECT_GE(*time, before);
    before = *time;
    times.push_back(static_cast<double>(*time) / 1e9);
  }
  return times;
}

std::vector<double> counts_of(const std::vector<double>& times, double window_s, double bin_s) {
  std::vector<double> counts(static_cast<std::size_t>(window_s / bin_s));
  for (const double t : times) {
    const auto bin = static_cast<std::size_t>(t / bin_s);
    if (bin < counts.size()) ++counts[bin];
  }
  return counts;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double variance(const std::vector<double>& values) {
  double squares = 0;
  const double centre = mean(values);
  for (const double v : values) squares += (v - centre) * (v - centre);
  return squares / static_cast<double>(values.size() - 1);
}

/// Variance over mean of the counts: 1 of a Poisson process.
double dispersion(const std::vector<double>& counts) { return variance(counts) / mean(counts); }

TEST(Arrivals, UniformIsEvenlySpacedAndFillsItsWindow) {
  const auto times = seconds_of(*parse_arrivals("uniform", "1000"), 2);
  ASSERT_EQ(times.size(), 2000u);
  for (std::size_t i = 0; i < times.size(); ++i) ASSERT_NEAR(times[i], (static_cast<double>(i) + 0.5) / 1000, 2e-9);
}

TEST(Arrivals, PoissonRecoversItsRateAndItsGaps) {
  constexpr double kRate = 2000, kWindow = 100;
  const auto times = seconds_of(*parse_arrivals("poisson", "2000"), kWindow);
  const auto n = static_cast<double>(times.size());
  EXPECT_NEAR(n, kRate * kWindow, 4 * std::sqrt(kRate * kWindow));
  std::vector<double> gaps;
  for (std::size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  // Of an exponential the variance is the mean squared; the variance of the sample variance of n gaps is 8σ⁴/n.
  EXPECT_NEAR(mean(gaps), 1 / kRate, 4 / kRate / std::sqrt(n));
  EXPECT_NEAR(variance(gaps), 1 / (kRate * kRate), 4 * std::sqrt(8 / n) / (kRate * kRate));
  const auto counts = counts_of(times, kWindow, 0.1);
  EXPECT_NEAR(dispersion(counts), 1, 4 * std::sqrt(2.0 / static_cast<double>(counts.size() - 1)));
}

// Fischer and Meier-Hellstern, 1993: variance over mean of the counts in a window of t, for rates l1, l2 and rates of
// leaving the states s1, s2.
double mmpp_dispersion(double l1, double l2, double s1, double s2, double t) {
  const double s = s1 + s2, mean = (l1 * s2 + l2 * s1) / s;
  const double share = 2 * s1 * s2 * (l1 - l2) * (l1 - l2) / (s * s * s * mean);
  return 1 + share - share / (s * t) * (1 - std::exp(-s * t));
}

TEST(Arrivals, MmppRecoversItsMeanAndItsDispersion) {
  constexpr double kWindow = 40'000, kBin = 20;
  const ArrivalSpec spec = *parse_arrivals("mmpp:10,1s,4s", "50");
  const double high = 50 * spec.bursts.in_burst(), low = 50 * spec.bursts.in_calm();
  EXPECT_DOUBLE_EQ(high, 10 * low);
  EXPECT_DOUBLE_EQ(0.2 * high + 0.8 * low, 50);
  const auto times = seconds_of(spec, kWindow);
  const double long_run = mmpp_dispersion(high, low, 1, 0.25, 1e9);
  EXPECT_NEAR(static_cast<double>(times.size()), 50 * kWindow, 4 * std::sqrt(50 * kWindow * long_run));
  const auto counts = counts_of(times, kWindow, kBin);
  const double expected = mmpp_dispersion(high, low, 1, 0.25, kBin);
  EXPECT_GT(expected, 20);  // it is bursty
  // Of a nearly normal count; the bins are 20 mean cycles long, but counts are skewed: half as much again.
  EXPECT_NEAR(dispersion(counts), expected, 6 * expected * std::sqrt(2.0 / static_cast<double>(counts.size() - 1)));
}

TEST(Arrivals, FollowTheScheduleOfRates) {
  for (const char* process : {"uniform", "poisson", "mmpp:1,1s,1s"}) {  // a ratio of 1 is a Poisson process
    for (const char* rate : {"1000:10s,3000:10s,500-2000:20s", "sine:1000,900,8s"}) {
      const ArrivalSpec spec = *parse_arrivals(process, rate);
      const auto counts = counts_of(seconds_of(spec, 40), 40, 1);
      for (std::size_t i = 0; i < counts.size(); ++i) {
        const double due = spec.rate.expected(static_cast<double>(i) + 1) - spec.rate.expected(static_cast<double>(i));
        EXPECT_NEAR(counts[i], due, spec.process == ArrivalProcess::kUniform ? 1.0 : 4.5 * std::sqrt(due))
            << process << " " << rate << " second " << i;
      }
    }
  }
}

TEST(Arrivals, SameSeedSameTimes) {
  for (const char* process : {"poisson", "mmpp"}) {
    const ArrivalSpec spec = *parse_arrivals(process, "100");
    EXPECT_EQ(seconds_of(spec, 20, 5), seconds_of(spec, 20, 5));
    EXPECT_NE(seconds_of(spec, 20, 5), seconds_of(spec, 20, 6));
  }
}

TEST(Arrivals, ARateNextToNothingEndsWithItsWindow) {
  EXPECT_LE(seconds_of(*parse_arrivals("mmpp:10,1ms,1ms", "1e-300"), 10).size(), 1u);
  EXPECT_TRUE(seconds_of(*parse_arrivals("uniform", "1e-300"), 10).empty());
}

TEST(ArrivalSpec, KnowsHowManyAreDueAndHowLongItLasts) {
  const ArrivalSpec spec = *parse_arrivals("poisson", "100:10s,300:5s");
  EXPECT_DOUBLE_EQ(spec.expected(std::chrono::seconds(12)), 1600);
  EXPECT_EQ(spec.duration(), std::chrono::seconds(15));
  EXPECT_EQ(parse_arrivals("poisson", "100")->duration(), std::nullopt);
}

TEST(ParseArrivals, ReadsAFileOfTimes) {
  TemporaryFolder folder;
  const auto path = folder.path() / "times.txt";
  ASSERT_TRUE(write_file(path, "# seconds\n0.5\r\n\n 0.5 # twice\n1e0\n").has_value());
  const ArrivalSpec spec = *parse_arrivals("file:" + path.string(), "");
  EXPECT_EQ(spec.times, (std::vector<std::int64_t>{500'000'000, 500'000'000, 1'000'000'000}));
  EXPECT_EQ(spec.expected(std::chrono::seconds(1)), 2);
  EXPECT_EQ(seconds_of(spec, 0.9), (std::vector{0.5, 0.5}));
  EXPECT_EQ(seconds_of(spec, std::chrono::duration<double>(*spec.duration()).count()).size(), 3u);
  EXPECT_EQ(parse_arrivals("file:" + path.string(), "5").error().message,
            "arrivals 'file:" + path.string() + "' have their times in the file: leave --rate out");
}

TEST(ParseArrivals, RefusesBadTimesWithTheirLine) {
  const std::pair<const char*, const char*> table[] = {
      {"", "f: holds no time"},
      {"# nothing\n", "f: holds no time"},
      {"1\nx\n", "f:2: 'x' is not a time in s since the beginning, such as 0.25"},
      {"-1\n", "f:1: '-1' is not a time in s since the beginning, such as 0.25"},
      {"1e9\n", "f:1: '1e9' is not a time in s since the beginning, such as 0.25"},
      {"nan\n", "f:1: 'nan' is not a time in s since the beginning, such as 0.25"},
      {"2\n1\n", "f:2: '1' is earlier than the time before it"},
      {"1 2\n", "f:1: '1 2' is not a time in s since the beginning, such as 0.25"},
  };
  for (const auto& [text, message] : table) EXPECT_EQ(parse_arrival_times(text, "f").error().message, message) << text;
}

TEST(ParseArrivals, RefusesWhatIsUnknown) {
  const std::string known = "; known: uniform, poisson, mmpp, mmpp:RATIO,BURST,CALM, file:PATH";
  EXPECT_EQ(parse_arrivals("poison", "5").error().message,
            "arrivals 'poison' are unknown (did you mean 'poisson'?)" + known);
  EXPECT_EQ(parse_arrivals("poisson:3", "5").error().message, "arrivals 'poisson:3': nothing may follow 'poisson'");
  EXPECT_EQ(parse_arrivals("uniform", "").error().message, "arrivals 'uniform' need a rate: --rate 500");
  for (const char* bad :
       {"mmpp:", "mmpp:1", "mmpp:0.5,1s,1s", "mmpp:2,1s,1s,1s", "mmpp:2,0s,1s", "mmpp:x,1s,1s", "file:/nonexistent"}) {
    const auto spec = parse_arrivals(bad, std::string(bad).starts_with("file") ? "" : "5");
    ASSERT_FALSE(spec.has_value()) << bad;
    EXPECT_EQ(spec.error().code, ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace lumos
