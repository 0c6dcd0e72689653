// What a client saw of one invocation, as it is reported.
#pragma once

#include "control/load/connection.h"
#include "record/wire.h"

namespace lumos {

/// Of an exchange that has ended. The outcome is kOk for any answer of status 200: whether its result is right is for
/// the join to say.
wire::ClientRecord client_record(std::int64_t sample, std::int64_t intended, std::size_t request_bytes,
                                 const Exchange& exchange);

}  // namespace lumos
