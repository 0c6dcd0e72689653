// Requests that a function must refuse: data for the lines of the contract.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/plan.h"

namespace lumos {

struct BadRequest {
  std::string what;   // for people: "an empty body in cbor"
  std::string bytes;  // as they go over the wire
  int status = 400;
  bool closes = false;  // its end is in doubt: one refusal, then the connection ends
  bool cut = false;     // the sender ends after the bytes
  std::string allow;    // what the header Allow must say; "" = not looked at
};

/// "POST / HTTP/1.1" with Content-Length.
std::string post_request(std::string_view content_type, std::string_view body);

// Each is made of right requests, one for each format.

/// An empty Protobuf message is right, and left out.
std::vector<BadRequest> empty_requests(std::span<const Input* const> inputs);
/// Bodies that end too early, and a connection that does.
std::vector<BadRequest> truncated_requests(std::span<const Input* const> inputs);
std::vector<BadRequest> wrong_types(std::span<const Input* const> inputs);
/// Fields that are missing; and for a function that takes one, the key of an object that is not there.
std::vector<BadRequest> missing_keys(std::span<const Input* const> inputs, bool takes_key);
std::vector<BadRequest> huge_requests();
std::vector<BadRequest> wrong_methods();
/// Two servers could read each in two ways; a right request follows, and must not be answered.
std::vector<BadRequest> smuggled_requests(const Input& input);

}  // namespace lumos
