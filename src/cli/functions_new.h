// `functions new`.
#pragma once

#include <string>

#include "cli/verb.h"

namespace lumos {

VerbResult new_function(const Places& places, const std::string& name, const std::string& language);

}  // namespace lumos
