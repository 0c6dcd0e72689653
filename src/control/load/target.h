// The URL that a load goes to.
#pragma once

#include <string>

#include "base/error.h"
#include "control/load/connection.h"

namespace lumos {

struct Target {
  std::string url;
  Endpoint endpoint;
  std::string host;  // as in the Host header: "127.0.0.1:8080"
  std::string path;  // with the query: "/", "/f?n=3"
};

/// Reads "http://HOST[:PORT][/PATH]". A load is an attack on whoever did not ask for it: without `allow_remote` only
/// loopback addresses and `localhost` are taken, and no other name is even looked up. Error: kUsage; kEnvironment when
/// a name is not known.
Expected<Target> parse_target(const std::string& url, bool allow_remote);

}  // namespace lumos
