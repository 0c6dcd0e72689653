// A machine's speed in a few numbers, and how far they can be trusted.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace lumos {

/// One kernel's speed.
struct KernelSpeed {
  std::string name;          // "integer"
  std::string unit;          // "ns/step", "GB/s"
  double value = 0;          // the median of the rounds
  double spread = 0;         // between the quartiles of the rounds, of the value
  double repeatability = 0;  // between the medians of the even and of the odd rounds, of the value

  bool operator==(const KernelSpeed&) const = default;
};

/// From one value per round, in order; at least two.
KernelSpeed speed_of(std::string name, std::string unit, const std::vector<double>& rounds);

struct Calibration {
  std::string utc;  // when it ended
  double seconds = 0;
  int core = 0;
  std::vector<KernelSpeed> kernels;
  // Of its time: taken by the hypervisor, of the CPU time asked for; used by other programs, in cores. Unread: nullopt.
  std::optional<double> steal_share, other_load_share;

  /// The largest repeatability of the kernels whose CPU time is taken: all but the disk's.
  double repeatability() const;
  /// Whether others had so much of the machine that the numbers are theirs too.
  bool busy() const;

  bool operator==(const Calibration&) const = default;
};

/// What "repeatable" means: two calibrations differ by no more.
inline constexpr double kRepeatable = 0.03;

struct CalibrationConfig {
  std::filesystem::path folder;  // on the disk that is asked
  int core = 0;                  // of the instances
  int rounds = 15;
  int repetitions = 5;                                    // of a kernel in one round: the best counts
  Nanoseconds repetition = std::chrono::milliseconds(8);  // about so long
};

/// Runs every kernel in every round, so that what drifts falls on all alike, in a thread that it binds to the core.
/// `progress` is told how many of all rounds are done. CPU time is taken, and of the disk the time that passes. Error:
/// kEnvironment, a kernel cannot run here.
Expected<Calibration> calibrate(const CalibrationConfig& config,
                                const std::function<void(int done, int rounds)>& progress);

nlohmann::ordered_json to_json(const Calibration& calibration);
/// What to_json wrote; nullopt of anything else.
std::optional<Calibration> calibration_from_json(const nlohmann::json& json);

}  // namespace lumos
