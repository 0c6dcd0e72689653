// What a cell asks when it asks more than one request at a time, and what one repetition of it came to.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "record/vocabulary.h"

namespace lumos {

/// A load during a window. Rate and arrivals are as the experiment has them (workload/arrivals.h).
struct CellLoad {
  bool open = false;
  std::int64_t concurrency = 1;                     // closed: users, each with one request under way or thinking
  Nanoseconds think{0};                             // closed: between an answer and the user's next request, the mean
  bool think_exponential = false;                   // else always the mean
  std::string rate;                                 // open; empty with listed times
  std::string arrivals = "poisson";                 // open
  std::vector<std::int64_t> times;                  // open, "file:…": ns since the window's beginning
  Nanoseconds duration = std::chrono::seconds(10);  // of the window
  Nanoseconds warmup = std::chrono::seconds(2);     // before it: asked alike, counted nowhere
  std::int64_t samples = 5000;                      // raw samples kept of one repetition

  bool operator==(const CellLoad&) const = default;
};

/// "20 users", "50/s poisson", "file:times.txt": in a list of cells.
std::string label_of(const CellLoad& load);

/// As in column `load` of table `cells`.
nlohmann::ordered_json to_json(const CellLoad& load);
/// Throws nlohmann's exceptions.
CellLoad load_from_json(const nlohmann::json& json);

using OutcomeNumbers = std::array<std::int64_t, Names<Outcome>::kTable.size()>;  // by Outcome
using StartNumbers = std::array<std::int64_t, Names<Start>::kTable.size()>;      // by Start

/// How far a load is.
struct LoadStanding {
  Nanoseconds elapsed{0};  // of the window
  std::int64_t due = 0, sent = 0, ended = 0, errors = 0;
  std::optional<double> p50_ns, p99_ns;  // of all that have ended; +inf where failures reach
};

/// One repetition. All its numbers are of the requests that were due within the window, kept as samples or not; those
/// of the warm-up are in none.
struct LoadRecord {
  std::int64_t visit = 0;             // Visit::id
  std::int64_t requests = 0;          // due
  OutcomeNumbers outcomes{};          // how they ended
  StartNumbers starts{};              // how those that reached an instance found it
  std::int64_t sent = 0;              // within the window
  std::int64_t waited = 0;            // found no connection of the generator free
  std::int64_t kept = 0;              // of them in table `samples`
  std::optional<double> asked_per_s;  // open
  Nanoseconds window{0};              // while requests were due
  Nanoseconds wall{0};                // until the last of them had ended
  std::optional<std::int64_t> schedule_error_p50_ns, schedule_error_p99_ns, schedule_error_max_ns;
  Nanoseconds generator_cpu{0};                 // of its thread, from the window's beginning to its last answer
  Nanoseconds generator_spun{0};                // of that, waiting actively
  std::optional<double> core_busy_share;        // of the generator's core in the window, whoever worked there
  bool real_time = false;                       // the generator ran before everybody else on a core of its own
  std::optional<std::int64_t> instance_cpu_ns;  // of all instances of the run, window and drain
  /// Requests due and not ended, at equal distances in the window, the last at its end.
  std::vector<std::int64_t> backlog;
  /// From intended to done, ns, of the right answers: the middle of its bucket (within 1/256), how many; ascending.
  std::vector<std::pair<std::int64_t, std::int64_t>> latencies;

  std::int64_t ok() const { return outcomes[static_cast<std::size_t>(Outcome::kOk)]; }
  std::int64_t ended() const { return std::reduce(outcomes.begin(), outcomes.end()); }
  std::int64_t errors() const { return ended() - ok(); }
  /// Sent within the window.
  double reached_per_s() const { return static_cast<double>(sent) / seconds(window); }
  /// Right answers per second of wall time.
  double throughput_per_s() const { return static_cast<double>(ok()) / seconds(wall); }
  /// Of one core, active waiting left out.
  double generator_share() const { return seconds(generator_cpu - generator_spun) / seconds(wall); }

 private:
  static double seconds(Nanoseconds time) {
    return std::chrono::duration<double>(std::max(time, Nanoseconds(1))).count();
  }
};

}  // namespace lumos
