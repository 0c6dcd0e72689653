// Verdicts on one load (control/load/load.h).
#pragma once

#include <vector>

#include "analysis/check.h"
#include "control/load/load.h"

namespace lumos {

/// How little of the asked rate still counts as reached, how much of its core the generator may work, and how late the
/// 99th percentile of its requests may be: above the first bound flagged, above the second failed.
inline constexpr double kLeastRateShare = 0.99;
inline constexpr double kMostCoreShare = 0.95;
inline constexpr Nanoseconds kScheduleErrorFlag = std::chrono::milliseconds(1);
inline constexpr Nanoseconds kScheduleErrorFail = std::chrono::milliseconds(5);

/// load_delivered and errors (docs/checks.md).
std::vector<Check> check_load(const LoadResult& result);

}  // namespace lumos
