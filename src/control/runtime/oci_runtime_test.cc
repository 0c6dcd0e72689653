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

TEST(OciConfig, ArgumentsStayApart) {
  EXPECT_EQ(sample_config()["process"]["args"], (nlohmann::json{"/function", "; rm -rf /"}));
}

}  // namespace
}  // namespace lumos
