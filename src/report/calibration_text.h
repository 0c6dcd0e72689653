// A calibration as text.
#pragma once

#include <string>

#include "control/environment/calibration.h"

namespace lumos {

/// A line per kernel, then the finding: one sentence, which says so when the machine was busy or did not repeat itself.
std::string calibration_text(const Calibration& calibration);

}  // namespace lumos
