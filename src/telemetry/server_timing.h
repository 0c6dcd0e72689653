// The function's own spans, from its Server-Timing header.
#pragma once

#include <string_view>

#include "record/sample.h"

namespace lumos {

/// Reads "deserialize;dur=0.012, compute;dur=1.5" (milliseconds). Spans of one name add up; unknown names and broken
/// entries are left out. Never fails: a header is untrusted.
Spans parse_server_timing(std::string_view header);

}  // namespace lumos
