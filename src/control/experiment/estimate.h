// How long an experiment will take, before anything is measured.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "record/plan.h"

namespace lumos {

/// What an invocation of a function costs by payload: milliseconds of CPU, measured once (experiments/costs.tsv says
/// where). Good for an estimate.
class CostTable {
 public:
  struct Entry {
    double payload = 0;
    double native_ms = 0, aot_ms = 0, interpreted_ms = 0;
  };

  /// Lines "FUNCTION PAYLOAD NATIVE AOT INTERPRETED"; # begins a comment. Error: kUsage with file and line.
  static Expected<CostTable> load(const std::filesystem::path& file);
  static Expected<CostTable> parse(std::string_view text, const std::string& file_name);

  /// Of a payload that is not in the table, in proportion to the nearest; a millisecond where the function is not in
  /// it.
  Nanoseconds of(const std::string& function, const nlohmann::ordered_json& payload, const std::string& mode) const;

 private:
  std::map<std::string, std::vector<Entry>> entries_;
};

struct TimeEstimate {
  std::map<std::string, Nanoseconds> by_runtime;   // for `stop.min` replicates of every cell
  std::map<std::int64_t, std::int64_t> shortened;  // cells whose warm visits have fewer invocations → how many

  Nanoseconds total() const;
};

/// A visit is a launch, its invocations, and what lies between visits.
TimeEstimate estimate(const Plan& plan, const CostTable& costs);

}  // namespace lumos
