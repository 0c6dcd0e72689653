#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/checks.h"
#include "record/link.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

const LinkDirection kAsked{.delay = 20ms, .loss = 0.01, .rate_bit_per_s = 10'000'000, .queue_bytes = 100'000};

Json direction(double delay_ms, double lost, double rate) {
  return {{"delay_ms", delay_ms},   {"delay_deviation_ms", 0.05}, {"delays", 30}, {"counted", 10'000}, {"lost", lost},
          {"rate_bit_per_s", rate}, {"bulk_bit_per_s", nullptr}};
}

const Json kRight = direction(20.05, 100, 9.95e6);

// A manifest with one link, which did `up` on the way up.
Json manifest_with(const Json& up) {
  const LinkProfile profile{.name = "slow", .up = kAsked, .down = kAsked};
  return {{"backend",
           {{"links",
             Json::array(
                 {{{"place", "client"}, {"asked", to_json(profile)}, {"found", {{"up", up}, {"down", kRight}}}}})}}}};
}

std::optional<Check> check(const Json& manifest, const Json& link = "slow") {
  const Cell cell{.factors = {{"function", "noop"}, {"link_client", link}, {"link_registry", nullptr}}};
  return check_links({.cell = &cell}, manifest);
}

TEST(LinkCheck, PassesWhatDoesAsAsked) {
  const auto result = check(manifest_with(kRight));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, CheckStatus::kPass) << result->detail;
  EXPECT_EQ(
      result->detail,
      "slow to the client (emulated): up: delay 20.05 ms of 20, rate 9.95 Mbit/s of 10, 100 of 10000 packets lost, "
      "1 % asked; down: delay 20.05 ms of 20, rate 9.95 Mbit/s of 10, 100 of 10000 packets lost, 1 % asked.");
}

TEST(LinkCheck, OfStorageLooksAtTheCellsServer) {
  Json manifest = manifest_with(direction(60, 100, 10e6));
  Json& link = manifest["backend"]["links"][0];
  link.update(Json{{"place", "storage"}, {"server", "redis"}});
  const auto status = [&](const char* storage) {
    const Cell cell{.factors = {{"storage", storage}, {"link_client", "none"}, {"link_storage", "slow"}}};
    return check_links({.cell = &cell}, manifest)->status;
  };
  EXPECT_EQ(status("redis"), CheckStatus::kFail);
  Json other = manifest_with(kRight)["backend"]["links"][0];
  other.update(Json{{"place", "storage"}, {"server", "s3"}});
  manifest["backend"]["links"].push_back(other);
  EXPECT_EQ(status("s3"), CheckStatus::kPass);
  EXPECT_EQ(status("redis"), CheckStatus::kFail);
}

TEST(LinkCheck, ACellWithoutLinkHasNoCheck) {
  EXPECT_FALSE(check(manifest_with(kRight), "none"));
  EXPECT_FALSE(check(manifest_with(kRight), nullptr));
}

TEST(LinkCheck, ALinkThatNobodyRecordedFails) {
  EXPECT_EQ(check(Json::object())->status, CheckStatus::kFail);
  EXPECT_EQ(check(manifest_with(kRight), "other")->status, CheckStatus::kFail);
}

TEST(LinkCheck, WhatIsNotAsAskedFlagsAndFails) {
  const std::tuple<Json, CheckStatus> cases[] = {
      {direction(20.5, 100, 10e6), CheckStatus::kFlag}, {direction(21.5, 100, 10e6), CheckStatus::kFail},
      {direction(18.5, 100, 10e6), CheckStatus::kFail}, {direction(20, 100, 9.5e6), CheckStatus::kFlag},
      {direction(20, 100, 8.9e6), CheckStatus::kFail},  {direction(20, 100, 11.2e6), CheckStatus::kFail},
      {direction(20, 135, 10e6), CheckStatus::kPass},  // by chance
      {direction(20, 150, 10e6), CheckStatus::kFlag},   {direction(20, 200, 10e6), CheckStatus::kFail},
      {direction(20, 0, 10e6), CheckStatus::kFail},
  };
  for (const auto& [up, expected] : cases) EXPECT_EQ(check(manifest_with(up))->status, expected) << up;
}

TEST(LinkCheck, WhatWasNotReadFlags) {
  EXPECT_EQ(check(manifest_with(Json::object()))->status, CheckStatus::kFlag);
  Json nothing = direction(20, 100, 10e6);
  nothing["rate_bit_per_s"] = nullptr;
  EXPECT_EQ(check(manifest_with(nothing))->status, CheckStatus::kFlag);
}

TEST(LinkCheck, TheWorstPartOfAResumedRunCounts) {
  Json manifest = manifest_with(kRight);
  manifest["resumed"] = Json::array({manifest_with(direction(40, 100, 10e6))});
  const auto result = check(manifest);
  EXPECT_EQ(result->status, CheckStatus::kFail);
  EXPECT_THAT(result->detail, HasSubstr("delay 40 ms of 20"));
}

TEST(LinkCheck, ADamagedRecordFails) {
  Json manifest = manifest_with(kRight);
  manifest["backend"]["links"][0]["asked"]["up"] = "fast";
  EXPECT_EQ(check(manifest)->status, CheckStatus::kFail);
}

}  // namespace
}  // namespace lumos
