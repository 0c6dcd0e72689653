// s3s-fs, an S3-compatible server that verifies signatures, as a storage server.
#pragma once

#include "control/environment/storage_server.h"

namespace lumos {

/// Starts `program` (tools/s3-server) at the site, over a folder in memory, with keys made for this run. Error:
/// kEnvironment.
Expected<std::unique_ptr<StorageServer>> start_s3(const ServerSite& site, const std::filesystem::path& program);

}  // namespace lumos
