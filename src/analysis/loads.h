// What the repetitions of a load came to, and where it is too much.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/cell_records.h"
#include "stats/bootstrap.h"

namespace lumos {

/// How the backlog, the requests due and not ended, changes within the window: its mean in the second half less that in
/// the first, over repetitions.
struct BacklogGrowth {
  Estimate mean;           // with the 95 % interval of Student's t
  double probability = 1;  // of so much growth in the mean over repetitions, or more, were there none (one-sided t)
  bool grows = false;  // probability below 5 %, and the mean above 1 % of the requests due in half a window and above 1
};

inline constexpr double kGrowthLevel = 0.05;
inline constexpr double kGrowthShare = 0.01;

/// nullopt below two repetitions with a backlog.
std::optional<BacklogGrowth> backlog_growth(std::span<const LoadRecord* const> repetitions);

/// The repetitions of one cell. nullopt = not measured.
struct LoadSummary {
  CellLoad asked;
  std::size_t repetitions = 0;
  std::int64_t requests = 0, sent = 0, waited = 0;
  StartNumbers starts{};
  std::optional<double> asked_per_s, reached_per_s;  // means over repetitions
  std::optional<Estimate> throughput_per_s;          // right answers per second of wall time; mean, Student's t
  std::optional<double> cpu_ms;                      // of all instances, per request that ended; mean over repetitions
  std::optional<double> schedule_error_p50_us, schedule_error_p99_us;  // of the worst repetition
  std::optional<double> generator_share, core_busy_share;              // of the worst repetition
  bool real_time = true;                                               // in every repetition
  std::optional<BacklogGrowth> backlog;
  std::optional<double> backlog_end;  // at the window's end; mean over repetitions
  bool saturated = false;             // filled by mark_saturation
  std::string saturation;             // why
};

/// nullopt when no visit of the cell was a load.
std::optional<LoadSummary> load_of(const CellRecords& records);

/// From intended to done in ms, of all requests of each repetition, failed ones infinite; or of the right answers
/// alone.
std::vector<Frequencies> load_latencies(const CellRecords& records, bool ok_alone);

/// More than this much more throughput at a higher level says that a level has room left.
inline constexpr double kSaturationGain = 0.05;

/// Marks the levels of one sweep: the same cell at other rates, or with other numbers of users. Open: the backlog
/// grows, or less than 95 % of the asked rate was answered rightly. Closed: from the lowest level on that no higher one
/// beats by more than 5 % in throughput; the highest of all is marked only with one below it.
void mark_saturation(std::vector<LoadSummary*> sweep);

}  // namespace lumos
