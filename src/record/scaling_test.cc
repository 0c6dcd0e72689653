#include "record/scaling.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

using std::chrono::seconds;

TEST(Scaling, IsReadAsItWasWritten) {
  const Scaling usual, odd{.autoscaler = Autoscaler::kKpa,
                           .min_scale = 1,
                           .max_scale = 7,
                           .initial_scale = 3,
                           .container_concurrency = 0,
                           .routing = Routing::kTwoRandomChoices,
                           .queue_limit = 9,
                           .keep_alive = seconds(4),
                           .timeout = seconds(5),
                           .target_utilization_percentage = 50,
                           .stable_window = seconds(6),
                           .panic_window_percentage = 20,
                           .panic_threshold_percentage = 300,
                           .scale_to_zero_grace_period = seconds(8)};
  for (const Scaling& s : {usual, odd}) EXPECT_EQ(scaling_from_json(nlohmann::json::parse(to_json(s).dump())), s);
}

TEST(Scaling, RefusesUnknownWords) {
  nlohmann::json json = nlohmann::json::parse(to_json({}).dump());
  json["routing"] = "nearest";
  EXPECT_THROW((void)scaling_from_json(json), std::bad_optional_access);
}

TEST(Scaling, FactorsThatDoNotApplyAreNull) {
  const Scaling s{.container_concurrency = 4, .routing = Routing::kLeastLoaded};
  EXPECT_EQ(scaling_factors(&s).dump(), R"({"routing":"least-loaded","container_concurrency":4})");
  EXPECT_EQ(scaling_factors(nullptr).dump(), R"({"routing":null,"container_concurrency":null})");
}

}  // namespace
}  // namespace lumos
