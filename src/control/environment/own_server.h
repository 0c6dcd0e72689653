// A storage server of the user's own.
#pragma once

#include "control/environment/storage_server.h"
#include "record/server_url.h"

namespace lumos {

/// A relay in the site to the server, which is reached from the network namespace `outside`. Credentials are taken from
/// LUMOS_REDIS_PASSWORD (nothing: the server asks for none), or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
/// AWS_REGION. Error: kEnvironment, the server cannot be reached or keys are missing.
Expected<std::unique_ptr<StorageServer>> start_own_server(const std::string& kind, const ServerSite& site,
                                                          const std::string& url, int outside);

}  // namespace lumos
