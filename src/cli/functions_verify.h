// `functions verify`: functions against their contract, on real runtimes.
#pragma once

#include <string>
#include <vector>

#include "cli/verb.h"

namespace lumos {

struct VerifyRequest {
  std::vector<std::string> functions, runtimes, storages;  // empty: all
  bool json = false;
};

/// Builds what is missing, then launches and asks. 1 when a line of the contract is broken.
VerbResult verify_functions(const Places& places, const VerifyRequest& request);

}  // namespace lumos
