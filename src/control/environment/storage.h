// Where the instances of a run store objects: a folder in memory, and the servers that the plan needs.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/subprocess.h"
#include "control/environment/storage_server.h"
#include "host/leftovers.h"
#include "record/plan.h"

namespace lumos {

/// A kind of server and the name of a link to it.
using StorageWay = std::pair<std::string, std::string>;

struct StorageConfig {
  std::set<std::string> kinds;        // of local, redis, s3
  std::filesystem::path client;       // the program storage-client; needed when there is any kind
  std::filesystem::path s3_server;    // tools/s3-server; needed for s3
  std::filesystem::path logs;         // a folder: what the servers say
  OwnServers own;                     // the user's, in place of ours
  std::shared_ptr<const Fd> outside;  // the network namespace from which these are reached
  std::vector<int> cores;             // of the servers
  CgroupTree cgroups;
  std::string cgroup;                        // relative path, parent of the servers'
  std::map<StorageWay, std::uint32_t> ways;  // where instances reach a server over a link: IPv4, host byte order
};

/// What an instance is given of its storage.
struct StorageAccess {
  std::vector<std::string> environment;  // NAME=value; secrets among them
  std::filesystem::path volume;          // a folder to be mounted; empty: none
};

/// The storage of one run. Everything goes with it, or with the mount namespace it was made in. One thread.
class Storage {
 public:
  /// The caller is in a network and a mount namespace of its own. Error: kEnvironment, with what is missing.
  static Expected<std::unique_ptr<Storage>> start(const StorageConfig& config);

  /// For instances of a deployment. `mounted_at` is where they find the volume.
  StorageAccess access(const Environment& environment, const std::string& mounted_at) const;
  /// The network namespace of a server's, in the mount namespace that it was started in.
  static std::string network_of(const std::string& kind);
  /// What instances must have a way to.
  std::vector<std::uint32_t> addresses() const;

  /// Puts the input's object under its key, and nothing under that of the result. Error: kEnvironment, the storage
  /// failed.
  Expected<> fill(const std::string& kind, const Input& input);
  /// What is wrong with the result that lies in storage; "": nothing. Error: kEnvironment, the storage failed.
  Expected<std::string> look(const std::string& kind, const Input& input);

  nlohmann::ordered_json describe() const;

 private:
  explicit Storage(StorageConfig config) : config_(std::move(config)) {}
  const NetworkPlace& place_of(const std::string& kind) const;
  Expected<CommandResult> ask(const std::string& kind, std::vector<std::string> words);

  StorageConfig config_;
  SystemCommandRunner runner_;
  std::filesystem::path volume_;
  std::vector<NetworkPlace> places_;
  std::map<std::string, std::unique_ptr<StorageServer>> servers_;
};

}  // namespace lumos
