// A program that serves in a network place: started, waited for, ended.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "control/environment/storage_server.h"

namespace lumos {

struct ServerCommand {
  std::vector<std::string> argv;         // no secrets: everybody can read it; the first is its name in errors
  std::vector<std::string> environment;  // NAME=value, beside ours
  std::string input;                     // its standard input
  std::uint16_t port = 0;                // on which it listens
  std::function<int()> serve;            // in place of a program; gives an exit code
};

/// Killed and waited for at the end of its life.
class ServerProcess {
 public:
  /// In the site's namespace, control group and cores; returns when it listens. Error: kEnvironment with what it said:
  /// it is not there, it ended, or it does not listen within 20 s.
  static Expected<ServerProcess> start(const ServerSite& site, const ServerCommand& command);
  ServerProcess(ServerProcess&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  ~ServerProcess();

 private:
  explicit ServerProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = 0;
};

}  // namespace lumos
