// Instances side by side, as a table.
#pragma once

#include <string>
#include <vector>

#include "analysis/density.h"

namespace lumos {

/// Ends with an empty line; "" when nothing was measured.
std::string density_text(const std::vector<DensitySummary>& density);

}  // namespace lumos
