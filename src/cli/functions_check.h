// `functions check`.
#pragma once

#include <string>

#include "cli/verb.h"

namespace lumos {

/// `what` is a path, or oci:DIR[:TAG].
VerbResult check_function(const Places& places, const std::string& what, bool json);

}  // namespace lumos
