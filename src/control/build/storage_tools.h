// The programs that experiments with storage need: built when one first does, then kept.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "base/error.h"
#include "base/subprocess.h"

namespace lumos {

struct StorageTools {
  std::filesystem::path client;     // storage-client of the Rust workspace: the functions' own client
  std::filesystem::path s3_server;  // tools/s3-server; empty where no s3 is needed
};

struct StorageToolsRequest {
  std::filesystem::path repository;                  // with functions/ and tools/
  std::filesystem::path home;                        // kept in <home>/tools/, by the content of their sources
  std::set<std::string> kinds;                       // of storage: local, redis, s3, own (a server is there)
  std::function<void(const std::string&)> progress;  // may be empty
};

/// Both empty where no kind is asked for. Under a lock: two runs build one after the other. Error: kEnvironment that
/// quotes cargo.
Expected<StorageTools> make_storage_tools(CommandRunner& runner, const StorageToolsRequest& request);

}  // namespace lumos
