#include "workload/link_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"
#include "workload/example_names.h"
#include "workload/expand.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

LinkProfile parsed(std::string_view text) {
  const auto link = parse_link_profile(text, "profiles/links/slow.yaml");
  EXPECT_TRUE(link.has_value()) << text << "\n" << (link ? "" : link.error().message);
  return link.value_or(LinkProfile{});
}

TEST(LinkProfile, ReadsEveryKey) {
  const LinkProfile link = parsed(
      "about: a test\nsources: [nowhere]\ndelay: 25ms\njitter: {of: 5ms, distribution: pareto}\nloss: 0.1%\n"
      "rate: 10Mbit\nqueue: 150kB\noutage: [{at: 10s, for: 2s}, {at: 30s, for: 1s, every: 15s}]\n");
  EXPECT_EQ(link.name, "slow");
  EXPECT_EQ(link.up, link.down);
  EXPECT_EQ(link.up.delay, 25ms);
  EXPECT_EQ(link.up.jitter, (Jitter{.of = 5ms, .distribution = JitterKind::kPareto}));
  EXPECT_DOUBLE_EQ(link.up.loss, 0.001);
  EXPECT_EQ(link.up.rate_bit_per_s, 10'000'000);
  EXPECT_EQ(link.up.queue_bytes, 150'000);
  EXPECT_EQ(link.up.outages[1], (Outage{.at = 30s, .lasting = 1s, .repeated = 15s}));
}

TEST(LinkProfile, ADirectionChangesWhatBothHave) {
  const LinkProfile link = parsed("delay: 20ms\nrate: 50Mbit\nup: {rate: 10Mbit, loss: 1%}\ndown: {delay: 30ms}\n");
  EXPECT_EQ(link.up.delay, 20ms);
  EXPECT_EQ(link.up.rate_bit_per_s, 10'000'000);
  EXPECT_DOUBLE_EQ(link.up.loss, 0.01);
  EXPECT_EQ(link.down.delay, 30ms);
  EXPECT_EQ(link.down.rate_bit_per_s, 50'000'000);
  EXPECT_EQ(link.down.loss, 0);
}

TEST(LinkProfile, AQueueHoldsATenthOfASecondUnlessItIsTold) {
  EXPECT_EQ(parsed("rate: 80Mbit\n").up.queue_bytes, 1'000'000);
  EXPECT_EQ(parsed("rate: 100kbit\n").up.queue_bytes, 16 * 1500);
  EXPECT_EQ(parsed("delay: 1ms\n").up.queue_bytes, 0);
}

TEST(LinkProfile, SurvivesThePlan) {
  const LinkProfile link = parsed(
      "delay: 20ms\njitter: {of: 1ms, distribution: uniform}\nloss: 3%\nup: {rate: 2.5Mbit}\noutage: {at: 1s, for: 1s, "
      "every: 3s}\n");
  const auto read = link_from_json(nlohmann::json::parse(to_json(link).dump()));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, link);
}

TEST(LinkProfile, WhatIsNoLinkIsRefused) {
  for (const char* text : {"null", "{}", R"({"name":"x","up":{},"down":{}})", R"({"name":1,"up":{},"down":{}})"})
    EXPECT_FALSE(link_from_json(nlohmann::json::parse(text)).has_value()) << text;
}

TEST(LinkProfile, AFolderIsReadByName) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "b.yaml", "delay: 2ms\n"));
  ASSERT_TRUE(write_file(folder / "a.yaml", "delay: 1ms\n"));
  ASSERT_TRUE(write_file(folder / "README.md", "no profile"));
  const auto links = load_link_profiles(folder / "");
  ASSERT_TRUE(links.has_value());
  ASSERT_EQ(links->size(), 2);
  EXPECT_EQ((*links)[0].name, "a");
  EXPECT_TRUE(load_link_profiles(folder / "missing")->empty());
}

TEST(LinkProfile, TheShippedProfilesAreReadAndNameTheirSources) {
  const std::filesystem::path folder = LUMOS_SOURCE_DIR "/profiles/links";
  const auto links = load_link_profiles(folder);
  ASSERT_TRUE(links.has_value()) << links.error().message;
  EXPECT_GE(links->size(), 3);
  for (const auto& link : *links) {
    const std::string text = read_file(folder / (link.name + ".yaml")).value_or("");
    for (const char* key : {"about:", "sources:"}) EXPECT_TRUE(text.contains(key)) << link.name;
  }
}

struct BadLink {
  const char* name;
  const char* text;
  const char* message;
};

void PrintTo(const BadLink& link, std::ostream* out) { *out << link.name; }

class BadLinkProfile : public testing::TestWithParam<BadLink> {};

TEST_P(BadLinkProfile, IsRefusedWithPositionAndReason) {
  const auto result = parse_link_profile(GetParam().text, "l.yaml");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kUsage);
  EXPECT_EQ(result.error().message, GetParam().message);
}

const BadLink kBadLinks[] = {
    {"Empty", "",
     "l.yaml:1:1: a link must be a map (keys: delay, jitter, loss, rate, queue, outage, up, down, about, sources), not "
     "nothing"},
    {"UnknownKey", "dely: 1ms\n",
     "l.yaml:1:1: unknown key 'dely' in a link (did you mean 'delay'?); known: delay, jitter, loss, rate, queue, "
     "outage, up, down, about, sources"},
    {"DelayWithoutUnit", "delay: 5\n",
     "l.yaml:1:8: 'delay' must be a duration above 0 such as 250ms, 20s, 5m or 1h, not '5'"},
    {"DelayTooLong", "delay: 2m\n", "l.yaml:1:8: 'delay' must be at most 60 s, not '2m'"},
    {"JitterWithoutAmount", "delay: 1ms\njitter: {distribution: normal}\n",
     "l.yaml:2:9: 'jitter' must say 'of', such as {of: 5ms, distribution: normal}"},
    {"JitterUnknownDistribution", "delay: 1ms\njitter: {of: 1us, distribution: gauss}\n",
     "l.yaml:2:33: unknown distribution 'gauss'; known: normal, uniform, pareto"},
    {"NormalJitterTooWide", "delay: 1ms\njitter: {of: 501us}\n",
     "l.yaml:1:1: normal jitter must be at most half of 'delay': else some delays would be below 0"},
    {"UniformJitterTooWide", "up: {delay: 1ms, jitter: {of: 2ms, distribution: uniform}}\n",
     "l.yaml:1:5: uniform jitter must be at most 'delay': else some delays would be below 0"},
    {"LossOfAll", "loss: 100%\n",
     "l.yaml:1:7: 'loss' must be between 0 and 1 (both excluded), such as 5% or 0.05, not '100%'"},
    {"RateWithoutUnit", "rate: 10\n", "l.yaml:1:7: 'rate' must be such as 10Mbit, not '10'"},
    {"RateUnknownUnit", "rate: 10Mb/s\n", "l.yaml:1:7: 'rate' must be such as 10Mbit, not '10Mb/s'"},
    {"RateZero", "rate: 0Mbit\n", "l.yaml:1:7: 'rate' must be from 1000 to 10000000000, not '0Mbit'"},
    {"RateNotANumber", "rate: nanMbit\n", "l.yaml:1:7: 'rate' must be from 1000 to 10000000000, not 'nanMbit'"},
    {"QueueWithoutRate", "queue: 15kB\n", "l.yaml:1:1: a 'queue' needs a 'rate' that it waits for"},
    {"QueueTooSmall", "rate: 1Mbit\nqueue: 100B\n", "l.yaml:2:8: 'queue' must be from 1500 to 268435456, not '100B'"},
    {"OutageWithoutEnd", "outage: [{at: 1s}]\n",
     "l.yaml:1:10: an outage must say 'at' and 'for', such as {at: 10s, for: 2s}"},
    {"OutageForEver", "outage: {at: 1s, for: 2s, every: 2s}\n",
     "l.yaml:1:34: 'outage.every' must be longer than 'for', or nothing would ever pass"},
    {"NameInAFile", "name: other\n",
     "l.yaml:1:1: unknown key 'name' in a link; known: delay, jitter, loss, rate, queue, outage, up, down, about, "
     "sources"},
};

std::string name_of_case(const testing::TestParamInfo<BadLink>& link) { return link.param.name; }

INSTANTIATE_TEST_SUITE_P(All, BadLinkProfile, testing::ValuesIn(kBadLinks), name_of_case);

// --- in an experiment

KnownNames names() {
  KnownNames known = example_names();
  known.links = {{.name = "lte", .up = {.delay = 25ms}, .down = {.delay = 25ms}}};
  return known;
}

std::string refused(const std::string& links) {
  const auto experiment = parse_experiment("functions: noop\nlinks: " + links + "\n", "e.yaml", names());
  return experiment ? "" : experiment.error().message;
}

TEST(ExperimentLinks, AreAFactorOfEveryCell) {
  const auto experiment = parse_experiment(
      "functions: noop\nruntimes: crun\nstart: warm\nlinks: {client: [none, lte, {name: own, delay: 3ms}]}\n", "e.yaml",
      names());
  ASSERT_TRUE(experiment.has_value()) << experiment.error().message;
  const Plan plan = expand(*experiment, names().functions, {});
  ASSERT_EQ(plan.cells.size(), 3);
  EXPECT_EQ(plan.cells[0].factors["link_client"], "none");
  EXPECT_EQ(plan.cells[1].factors["link_client"], "lte");
  EXPECT_EQ(plan.cells[2].factors["link_client"], "own");
  ASSERT_EQ(plan.links.size(), 2);
  EXPECT_EQ(plan.links[1].up.delay, 3ms);
}

TEST(ExperimentLinks, ToStorageAreOfServersAndToTheRegistryOfStartsThatPull) {
  const auto experiment = parse_experiment(
      "functions: copy\nruntimes: crun\nstart: cold\ncache: [memory, remote]\nstorage: [local, redis]\n"
      "links: {registry: [none, lte], storage: lte}\n",
      "e.yaml", names());
  ASSERT_TRUE(experiment.has_value()) << experiment.error().message;
  const Plan plan = expand(*experiment, names().functions, {});
  std::vector<std::string> points;
  for (const auto& cell : plan.cells) {
    const auto& f = cell.factors;
    points.push_back(f["storage"].dump() + f["cache"].dump() + f["link_registry"].dump() + f["link_storage"].dump());
  }
  EXPECT_THAT(points, testing::ElementsAre(R"("local""memory"nullnull)", R"("local""remote""none"null)",
                                           R"("local""remote""lte"null)", R"("redis""memory"null"lte")",
                                           R"("redis""remote""none""lte")", R"("redis""remote""lte""lte")"));
  EXPECT_EQ(plan.deployments.size(), 6) << "no two of them share an instance";
  EXPECT_TRUE(factors_left_out(*experiment, {}).empty());
}

TEST(ExperimentLinks, ThatNothingPassesAreSaid) {
  const auto experiment = parse_experiment(
      "functions: noop\nruntimes: crun\nstart: warm\ncache: remote\nlinks: {registry: lte, storage: lte}\n", "e.yaml",
      names());
  ASSERT_TRUE(experiment.has_value()) << experiment.error().message;
  EXPECT_EQ(expand(*experiment, names().functions, {}).cells.size(), 1);
  EXPECT_THAT(factors_left_out(*experiment, {}),
              testing::Contains("links.registry does not apply: no start pulls its image"));
  EXPECT_THAT(factors_left_out(*experiment, {}),
              testing::Contains("links.storage does not apply: no storage is a server"));
}

TEST(ExperimentLinks, ThereAreNoneUnasked) {
  const auto experiment = parse_experiment("functions: noop\n", "e.yaml", names());
  const Plan plan = expand(*experiment, names().functions, {});
  EXPECT_EQ(plan.cells[0].factors["link_client"], "none");
  EXPECT_TRUE(plan.cells[0].factors["link_registry"].is_null());
  EXPECT_TRUE(plan.links.empty());
}

TEST(ExperimentLinks, WhatIsWrongIsNamed) {
  EXPECT_EQ(refused("lte"), "e.yaml:2:8: 'links' must be a map (keys: client, registry, storage), not 'lte'");
  EXPECT_EQ(refused("{client: lta}"), "e.yaml:2:17: unknown link 'lta' (did you mean 'lte'?); known: none, lte");
  EXPECT_EQ(refused("{client: [lte, lte]}"), "e.yaml:2:23: 'links.client' lists 'lte' twice");
  EXPECT_EQ(refused("{client: []}"), "e.yaml:2:17: 'links.client' must have at least one value, not an empty list");
  EXPECT_EQ(refused("{client: {delay: 1ms}}"), "e.yaml:2:17: a link within an experiment must have a 'name'");
  EXPECT_EQ(refused("{client: {name: none}}"), "e.yaml:2:24: no link may have the name 'none'");
  EXPECT_EQ(refused("{client: {name: a b}}"),
            "e.yaml:2:24: 'name' must be 1 to 32 letters, digits, '-' or '_', not 'a b'");
  EXPECT_EQ(refused("{client: {name: lte}}"),
            "e.yaml:2:17: a link of the name 'lte' is known already; give this one another");
}

}  // namespace
}  // namespace lumos
