// A server in which the instances of a run store objects.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "host/cgroup.h"
#include "host/network.h"

namespace lumos {

/// Runs as long as it lives.
class StorageServer {
 public:
  virtual ~StorageServer() = default;
  /// "NAME=value": where it is and what opens it, for instances and for the storage client. Holds secrets. `address`,
  /// by which it is reached, is the place's own or that of a link to it: IPv4, host byte order.
  virtual std::vector<std::string> environment(std::uint32_t address) const = 0;
  /// For the manifest; no secrets.
  virtual nlohmann::ordered_json describe() const = 0;
};

/// Where a server runs.
struct ServerSite {
  NetworkPlace place;
  std::filesystem::path folder;  // its own, in memory
  std::filesystem::path log;     // what it says
  std::vector<int> cores;
  CgroupTree cgroups;
  std::string cgroup;  // relative path of its own
};

/// So many random letters and digits.
std::string random_secret(int length);

}  // namespace lumos
