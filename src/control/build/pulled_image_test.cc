#include "control/build/pulled_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/fake_command_runner.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A registry, and skopeo played: `manifest` is what it has under every name.
class Registry : public testing::Test {
 protected:
  Registry() {
    runner_.answer = [this](const Command& c) {
      if (!failure_.empty()) return CommandResult{.exit_code = 1, .errors = failure_};
      if (c.argv.at(3) == "inspect") return CommandResult{.output = manifest_};
      const std::string layout = c.argv.back().substr(4, c.argv.back().size() - 4 - 7);
      fs::create_directories(layout);
      EXPECT_TRUE(write_file(fs::path(layout) / "index.json", "{}").has_value());
      return CommandResult{};
    };
  }

  Expected<PulledImage> pull(const std::string& text) {
    runner_.commands.clear();
    const auto reference = parse_image_reference(text);
    EXPECT_TRUE(reference.has_value()) << text;
    return pull_image(runner_, *reference, folder_.path());
  }
  std::string refused(const std::string& text) {
    const auto image = pull(text);
    if (image) return "pulled";
    EXPECT_EQ(image.error().code, ErrorCode::kEnvironment);
    return image.error().message;
  }
  std::string digest() const { return "sha256:" + sha256(manifest_); }

  TemporaryFolder folder_;
  FakeCommandRunner runner_;
  std::string manifest_ = R"({"schemaVersion":2})", failure_;
};

TEST_F(Registry, ATagIsPulledOncePerDigestAndAskedForAnew) {
  const auto first = pull("registry.example/shop:v1");
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_EQ(first->digest, digest());
  EXPECT_TRUE(fs::exists(first->layout / "index.json"));
  ASSERT_EQ(runner_.commands.size(), 2U);
  EXPECT_THAT(runner_.commands[0].argv, ElementsAre("skopeo", "--command-timeout", "60s", "inspect", "--raw",
                                                    "--tls-verify=true", "docker://registry.example/shop:v1"));
  EXPECT_THAT(runner_.commands[1].argv, Contains("docker://registry.example/shop@" + digest()));
  EXPECT_TRUE(pull("registry.example/shop:v1").has_value());
  EXPECT_EQ(runner_.commands.size(), 1U) << "it is there";
  manifest_ = R"({"schemaVersion":2,"moved":true})";
  const auto moved = pull("registry.example/shop:v1");
  ASSERT_TRUE(moved.has_value());
  EXPECT_NE(moved->digest, first->digest);
}

TEST_F(Registry, ADigestThatIsThereNeedsNoRegistry) {
  const std::string exact = "registry.example/shop@" + digest();
  ASSERT_TRUE(pull(exact).has_value());
  EXPECT_EQ(runner_.commands.size(), 1U);
  failure_ = "time=\"now\" level=fatal msg=\"dial tcp: connect: connection refused\"\n";
  ASSERT_TRUE(pull(exact).has_value());
  EXPECT_TRUE(runner_.commands.empty());
  EXPECT_THAT(refused("registry.example/shop:v1"), Not(HasSubstr("pulled before")));
}

TEST_F(Registry, WithoutANetworkTheDigestOfBeforeIsNamed) {
  ASSERT_TRUE(pull("registry.example/shop:v1").has_value());
  failure_ = "time=\"now\" level=fatal msg=\"pinging: Get \\\"x\\\": dial tcp: connect: connection refused\"\n";
  EXPECT_EQ(refused("registry.example/shop:v1"),
            "image registry.example/shop:v1: the registry cannot be reached: is it running, and is there a network? "
            "(pinging: Get \"x\": dial tcp: connect: connection refused); pulled before and still here, no network "
            "needed: registry.example/shop@" +
                digest());
}

TEST_F(Registry, PlainHttpIsForThisMachineAlone) {
  ASSERT_TRUE(pull("127.0.0.1:5000/shop").has_value());
  EXPECT_THAT(runner_.commands[0].argv, Contains("--tls-verify=false"));
  EXPECT_THAT(runner_.commands[1].argv, Contains("--src-tls-verify=false"));
  manifest_ = "{}";
  ASSERT_TRUE(pull("127.0.0.1.example/shop").has_value());
  EXPECT_THAT(runner_.commands[1].argv, Contains("--src-tls-verify=true"));
}

TEST_F(Registry, EveryFailureSaysWhatToDo) {
  const auto says = [&](const std::string& line) {
    failure_ = "a warning\n" + line + "\n";
    return refused("registry.example/shop:v1");
  };
  EXPECT_THAT(says("msg=\"reading manifest v1: manifest unknown\""), HasSubstr("holds no such image"));
  EXPECT_THAT(says("msg=\"unauthorized: authentication required\""), HasSubstr("REGISTRY_AUTH_FILE"));
  EXPECT_THAT(says("http: server gave HTTP response to HTTPS client"), HasSubstr("has no TLS"));
  EXPECT_THAT(says("lookup registry.example: no such host"), HasSubstr("cannot be reached"));
  EXPECT_THAT(says("something new"), HasSubstr("skopeo ended with 1: something new"));
  failure_.clear();
  manifest_ = "<html>";
  EXPECT_THAT(refused("registry.example/shop:v1"), HasSubstr("something else than images"));
}

TEST_F(Registry, AHalfPulledImageIsPulledAgain) {
  const fs::path half = folder_ / ("images/" + digest().substr(7) + "/image");
  fs::create_directories(half);
  ASSERT_TRUE(write_file(half / "left", "x").has_value());
  ASSERT_TRUE(pull("registry.example/shop:v1").has_value());
  EXPECT_FALSE(fs::exists(half / "left"));
}

TEST_F(Registry, APlanSaysWhatWasPulledAndIsGoneOnWithByThat) {
  Plan plan;
  plan.given["shop"].reference = "registry.example/shop:v1";
  plan.given["mine"].module = "/m.wasm";
  std::vector<std::string> named;
  const auto progress = [&](const std::string& name) { named.push_back(name); };
  ASSERT_TRUE(pull_images(runner_, plan, folder_.path(), progress).has_value());
  EXPECT_THAT(named, ElementsAre("registry.example/shop:v1"));
  EXPECT_EQ(plan.given["shop"].digest, digest());
  EXPECT_EQ(plan.given["shop"].image, folder_ / ("images/" + digest().substr(7) + "/image"));
  EXPECT_EQ(plan.given["mine"].image, "");
  const std::string begun_with = digest();
  manifest_ = "{}";  // the tag moves on
  ASSERT_TRUE(pull_images(runner_, plan, folder_.path(), progress).has_value());
  EXPECT_EQ(plan.given["shop"].digest, begun_with);
}

}  // namespace
}  // namespace lumos
