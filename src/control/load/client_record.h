// What a client saw of one invocation, as it is reported.
#pragma once

#include <string>

#include "control/load/connection.h"
#include "record/given.h"
#include "record/wire.h"

namespace lumos {

/// Of an exchange that has ended. The outcome is kOk for any answer of the status expected: whether its result is right
/// is for the join to say. `given`: the function, when it is none of Lumos's.
wire::ClientRecord client_record(std::int64_t sample, std::int64_t intended, std::size_t request_bytes,
                                 const Exchange& exchange, const Given* given = nullptr);

/// The digest that an answer carries. Of a given function that says none it is the SHA-256 of the body, and "" when its
/// answers vary.
std::string digest_of(const Exchange& exchange, const Given* given);

/// What a right answer's status is.
inline int right_status(const Given* given) { return given == nullptr ? 200 : given->status; }

}  // namespace lumos
