#include "control/runtime/oci_runtime.h"

#include <gtest/gtest.h>

#include <set>

namespace lumos {
namespace {

nlohmann::json sample_config() {
  const LaunchRequest request{.name = "r1-7",
                              .image = "/images/noop",
                              .folder = "/run/lumos/7",
                              .argv = {"/function", "; rm -rf /"},
                              .environment = {"PORT=8080"},
                              .cgroup = "lumos/r1/i7",
                              .network = "/run/netns/lumos0"};
  return oci_config(request, "/run/lumos/7/merged", {{"run.oci.handler", "wasm"}});
}

TEST(OciConfig, GivesEveryInstanceItsOwnNamespacesCgroupAndRoot) {
  const auto config = sample_config();
  std::set<std::string> types;
  for (const auto& n : config["linux"]["namespaces"]) types.insert(n["type"]);
  EXPECT_EQ(types, (std::set<std::string>{"cgroup", "ipc", "mount", "network", "pid", "uts"}));
  EXPECT_EQ(config["linux"]["namespaces"][0]["path"], "/run/netns/lumos0");
  EXPECT_EQ(config["linux"]["cgroupsPath"], "/lumos/r1/i7");
  EXPECT_EQ(config["root"]["path"], "/run/lumos/7/merged");
  EXPECT_EQ(config["annotations"]["run.oci.handler"], "wasm");
}

TEST(OciConfig, GrantsNoCapabilityAndNoNewPrivilege) {
  const auto process = sample_config()["process"];
  EXPECT_TRUE(process["noNewPrivileges"].get<bool>());
  for (const auto& [set, capabilities] : process["capabilities"].items()) EXPECT_TRUE(capabilities.empty()) << set;
}

TEST(OciConfig, LimitsWhatADeviceLimits) {
  EXPECT_EQ(sample_config()["linux"]["resources"]["memory"], (nlohmann::json{{"limit", 1 << 30}}));
  EXPECT_FALSE(sample_config()["linux"]["resources"].contains("cpu"));
  CgroupLimits limits{.memory_bytes = 64 << 20, .swap = false};
  limits.cpu = CpuQuota{.quota = std::chrono::milliseconds(25), .period = std::chrono::milliseconds(100)};
  limits.read = ReadLimit{.disk = "254:16", .bytes_per_s = 20'000'000};
  const auto resources = oci_resources(limits);
  EXPECT_EQ(resources["memory"], (nlohmann::json{{"limit", 64 << 20}, {"swap", 64 << 20}}));
  EXPECT_EQ(resources["cpu"], (nlohmann::json{{"quota", 25'000}, {"period", 100'000}}));
  EXPECT_EQ(resources["blockIO"].dump(), R"({"throttleReadBpsDevice":[{"major":254,"minor":16,"rate":20000000}]})");
}

TEST(OciConfig, ArgumentsStayApart) {
  EXPECT_EQ(sample_config()["process"]["args"], (nlohmann::json{"/function", "; rm -rf /"}));
}

}  // namespace
}  // namespace lumos
