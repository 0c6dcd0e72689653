// Where a storage server of the user's own is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace lumos {

/// The redis and s3 servers that a run uses in place of its own: URL by kind, each as parse_server_url takes it.
using OwnServers = std::map<std::string, std::string>;

struct ServerUrl {
  std::string host;  // a name or an IPv4 address
  std::uint16_t port = 0;
  std::string bucket;  // s3 only
};

/// redis://HOST[:PORT], or for `kind` s3 http://HOST[:PORT]/BUCKET. No secrets: these come from the environment.
/// Error: kUsage, the message is to follow the name of what it was read from.
Expected<ServerUrl> parse_server_url(std::string_view kind, std::string_view url);

}  // namespace lumos
