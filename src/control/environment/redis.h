// Debian's Redis as a storage server.
#pragma once

#include "control/environment/storage_server.h"

namespace lumos {

/// Starts redis-server at the site, in memory only, with a password made for this run. Error: kEnvironment.
Expected<std::unique_ptr<StorageServer>> start_redis(const ServerSite& site);

}  // namespace lumos
