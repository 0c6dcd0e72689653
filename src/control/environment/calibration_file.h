// The last calibration of this machine, kept for the manifests of the runs that follow.
#pragma once

#include <filesystem>
#include <optional>

#include "base/error.h"
#include "control/environment/calibration.h"

namespace lumos {

/// A calibration older than this says nothing of a machine today.
inline constexpr std::chrono::hours kCalibrationFresh{24 * 7};

/// Where a machine's calibration is kept below `home`: named by its kernel, processor, number of cores and memory, so
/// that a home that moves to another machine brings nothing along.
std::filesystem::path calibration_file(const std::filesystem::path& home, const nlohmann::ordered_json& fingerprint);

/// Error: kEnvironment.
Expected<> keep_calibration(const std::filesystem::path& file, const Calibration& calibration);

/// nullopt: there is none, or none that is fresh, or it is damaged.
std::optional<Calibration> fresh_calibration(const std::filesystem::path& file);

}  // namespace lumos
