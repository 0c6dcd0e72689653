// What the drivers that stand on an OCI runtime share: the bundle, create, start, delete.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "control/runtime/driver.h"

namespace lumos {

/// config.json of the OCI runtime specification 1.0 for one instance: read-only image under a private overlay,
/// namespaces for everything but users, no capabilities, no new privileges. `merged` is the root of the overlay.
nlohmann::json oci_config(const LaunchRequest& request, const std::filesystem::path& merged,
                          const std::map<std::string, std::string>& annotations);

/// A driver that runs `info.program`. `annotations` go into config.json.
std::unique_ptr<RuntimeDriver> make_oci_driver(RuntimeInfo info, std::map<std::string, std::string> annotations,
                                               std::vector<std::string> packages, const CgroupTree& tree);

}  // namespace lumos
