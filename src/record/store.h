// run.sqlite: every sample of a run (schema: docs/formats/run.md). One writer, many readers.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "record/plan.h"
#include "record/sample.h"

struct sqlite3;

namespace lumos {

/// An open run.sqlite. One thread. Every error names the file; after one the store still closes cleanly.
class Store {
 public:
  /// A new file with the plan in it. Error: kUsage when the file exists; kEnvironment when it cannot be written.
  static Expected<Store> create(const std::filesystem::path& path, const Plan& plan);
  /// An existing file, to add to (`writable`) or to read: then also where nothing may be written, such as in a
  /// read-only copy of a run that was killed. Error: kUsage when it is missing, damaged, no run, or of another schema.
  static Expected<Store> open(const std::filesystem::path& path, bool writable = false);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  /// Adds rows to the open batch. The batch is committed after 100 rows or 200 ms, and at once after `add(Visit)`,
  /// a cold or a slow sample (200 ms or more): a kill loses at most the open batch.
  Expected<> add(const Visit& visit);
  Expected<> add(const Sample& sample);
  Expected<> add(const Instance& instance);
  Expected<> add(const LoadRecord& load);
  Expected<> add(const ScaleDecision& decision);
  /// Marks a visit finished, with what the machine did meanwhile, and commits.
  Expected<> finish(const Visit& visit);
  /// Replaces a point that is there: a repetition that was cut is measured again.
  Expected<> add(const DensityPoint& point);
  /// Something that happened to the run itself: a dead child, an interrupt, a resume.
  Expected<> add_event(const std::string& kind, const std::string& detail);
  Expected<> commit();

  Expected<Plan> plan() const;
  Expected<std::vector<Visit>> visits() const;                                // by id
  Expected<std::vector<Sample>> samples() const;                              // by id
  Expected<std::vector<Instance>> instances() const;                          // by id, without their series
  Expected<std::vector<LoadRecord>> loads() const;                            // by visit
  Expected<std::vector<DensityPoint>> density() const;                        // by deployment, repetition, instances
  Expected<std::vector<ScaleDecision>> decisions() const;                     // by visit, deployment, time
  Expected<std::vector<SeriesPoint>> series(std::int64_t instance) const;     // by time
  Expected<std::vector<std::pair<std::string, std::string>>> events() const;  // kind, detail, in order

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lumos
