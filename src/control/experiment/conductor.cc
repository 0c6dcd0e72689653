#include "control/experiment/conductor.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "base/fault.h"
#include "base/random.h"
#include "control/experiment/stopping.h"

namespace lumos {
namespace {

constexpr std::int64_t kDensityRepetitions = 3;

// What a store holds of finished visits, by round and cell.
struct Replay {
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> finished;  // → visit
  std::map<std::int64_t, std::vector<Sample>> samples;                     // by visit
  std::map<std::int64_t, LoadRecord> loads;                                // by visit
  std::int64_t last_visit = 0, last_sample = 0;
};

Expected<Replay> read_replay(const Store& store) {
  Replay replay;
  for (const auto& v : LUMOS_TRY(store.visits())) {
    if (v.finished) replay.finished[{v.round, v.cell}] = v.id;
    replay.last_visit = std::max(replay.last_visit, v.id);
  }
  for (auto& l : LUMOS_TRY(store.loads())) replay.loads.emplace(l.visit, std::move(l));
  for (auto& s : LUMOS_TRY(store.samples())) {
    replay.last_sample = std::max(replay.last_sample, s.id);
    replay.samples[s.visit].push_back(std::move(s));
  }
  return replay;
}

class Conductor {
 public:
  Conductor(const Plan& plan, Backend& backend, Store& store, const ConductorHooks& hooks, Replay replay)
      : plan_(plan),
        backend_(backend),
        store_(store),
        hooks_(hooks),
        replay_(std::move(replay)),
        started_(backend.clock().now()),
        cells_(plan.cells.size()),
        next_visit_(replay_.last_visit + 1),
        next_sample_(replay_.last_sample + 1) {}

  Expected<RunEnd> run() {
    const RunEnd end = LUMOS_TRY(visit_cells());
    if (end != RunEnd::kInterrupted) LUMOS_TRY(measure_density());
    return end;
  }

 private:
  Expected<RunEnd> visit_cells() {
    for (std::int64_t round = 0;; ++round) {
      const auto open = open_cells();
      if (open.empty()) return RunEnd::kMeasured;
      for (const std::int64_t cell : round_order(plan_.seed, round, open)) {
        if (replayed(round, cell)) continue;
        if (elapsed() >= plan_.stop.budget) return RunEnd::kBudget;
        if (hooks_.interrupted()) return RunEnd::kInterrupted;
        if (!LUMOS_TRY(visit(round, plan_.cells[static_cast<std::size_t>(cell)]))) return RunEnd::kInterrupted;
      }
    }
  }

  // Instances side by side, of each deployment, when the cells are done: they take memory, and time that is no cell's.
  // One that cannot be had is an event of the run; the others go on.
  Expected<> measure_density() {
    std::set<std::pair<std::int64_t, std::int64_t>> done;  // deployment, repetition
    for (const auto& point : LUMOS_TRY(store_.density())) {
      if (point.instances == plan_.density) done.emplace(point.deployment, point.repetition);
    }
    for (std::int64_t repetition = 0; plan_.density > 0 && repetition < kDensityRepetitions; ++repetition) {
      std::set<std::int64_t> deployments;
      for (const auto& cell : plan_.cells) {
        if (!deployments.insert(cell.deployment).second || done.contains({cell.deployment, repetition})) continue;
        if (hooks_.interrupted()) return {};
        const auto points = backend_.density(cell, plan_.density);
        if (!points) LUMOS_TRY(store_.add_event("density", points.error().message));
        for (DensityPoint point : points.value_or(std::vector<DensityPoint>{})) {
          point.repetition = repetition;
          LUMOS_TRY(store_.add(point));
        }
        LUMOS_TRY(store_.commit());
      }
    }
    return {};
  }

  Nanoseconds elapsed() const { return backend_.clock().now() - started_; }

  // Decided once a round, by what earlier rounds found.
  std::vector<std::int64_t> open_cells() {
    std::vector<std::int64_t> open;
    left_.assign(cells_.size(), 0);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      left_[i] = cells_[i].visits_left(plan_.stop, plan_.seed);
      if (left_[i] > 0) open.push_back(static_cast<std::int64_t>(i));
    }
    return open;
  }

  bool replayed(std::int64_t round, std::int64_t cell) {
    const auto found = replay_.finished.find({round, cell});
    if (found == replay_.finished.end()) return false;
    if (const auto load = replay_.loads.find(found->second); load != replay_.loads.end()) {
      count(load->second);
      finish(cell, load->second, Nanoseconds(0));
      return true;
    }
    count(replay_.samples[found->second]);
    finish(cell, replay_.samples[found->second], Nanoseconds(0));
    return true;
  }

  // False when interrupted: the visit then stays unfinished.
  Expected<bool> visit(std::int64_t round, const Cell& cell) {
    const Nanoseconds begin = backend_.clock().now();
    Visit visit{.id = next_visit_++, .cell = cell.id, .round = round};
    LUMOS_TRY(store_.add(visit));
    fault_point("visit.begun");
    std::vector<Sample> samples;
    std::optional<LoadRecord> load;
    LUMOS_TRY(backend_.fill_storage(cell));
    visit.cache = backend_.set_cache(cell);
    LUMOS_TRY(backend_.begin_neighbour(cell));
    const MachineUse before = backend_.machine();
    const bool whole = cell.load ? LUMOS_TRY(load_all(visit, cell, load)) : LUMOS_TRY(invoke_all(visit, cell, samples));
    visit.machine = backend_.machine().since(before);
    visit.neighbour = backend_.end_neighbour();
    fault_point("visit.invoked");
    for (auto& instance : LUMOS_TRY(backend_.retire(cell.deployment))) {
      instance.visit = visit.id;
      LUMOS_TRY(store_.add(instance));
    }
    for (auto& decision : backend_.take_decisions()) {
      decision.visit = visit.id;
      LUMOS_TRY(store_.add(decision));
    }
    if (!whole) {
      LUMOS_TRY(store_.commit());
      return false;
    }
    if (!cell.load && cell.start == Start::kCold && round < plan_.probes) LUMOS_TRY(probe(visit, cell));
    fault_point("visit.retired");
    LUMOS_TRY(store_.finish(visit));
    fault_point("visit.finished");
    const Nanoseconds duration = backend_.clock().now() - begin;
    load ? finish(cell.id, *load, duration) : finish(cell.id, samples, duration);
    report(cell);
    return true;
  }

  // One repetition. One that was cut short is no replicate: nothing of it is kept.
  Expected<bool> load_all(const Visit& visit, const Cell& cell, std::optional<LoadRecord>& record) {
    const Backend::LoadTask task{.first_sample = next_sample_,
                                 .repetition = visit.round,
                                 .progress =
                                     [&](const LoadStanding& standing) {
                                       progress_.load = standing;
                                       report(cell);
                                       progress_.load.reset();
                                     },
                                 .interrupted = hooks_.interrupted};
    Backend::Load load = LUMOS_TRY(backend_.load(cell, task));
    next_sample_ += load.record.requests;
    if (load.record.window < cell.load->duration) return false;
    for (Sample& s : load.samples) {
      s.visit = visit.id;
      LUMOS_TRY(store_.add(s));
    }
    load.record.visit = visit.id;
    fault_point("load.received");
    LUMOS_TRY(store_.add(load.record));
    count(load.record);
    record = std::move(load.record);
    return true;
  }

  // Cold: one invocation. Warm: one that makes the instance, then those that count: fewer where they take long, at
  // least one. A failure ends the visit: what came
  // after it would meet another instance.
  Expected<bool> invoke_all(const Visit& visit, const Cell& cell, std::vector<Sample>& samples) {
    const bool warm = cell.start == Start::kWarm;
    std::int64_t count_of = warm ? plan_.stop.invocations + 1 : 1;
    const Nanoseconds begin = backend_.clock().now();
    for (std::int64_t i = 0; i < count_of; ++i) {
      if (i > 0 && hooks_.interrupted()) return false;
      Sample s = LUMOS_TRY(backend_.invoke(cell, next_sample_++));
      s.visit = visit.id;
      const bool long_enough = plan_.stop.visit && backend_.clock().now() - begin >= *plan_.stop.visit;
      if (warm && i > 0 && long_enough) count_of = i + 1;
      // A priming invocation that fails stands for the warm ones that it prevented.
      s.role = warm && i == 0 && s.outcome == Outcome::kOk ? Role::kPrime : Role::kMeasure;
      if (s.outcome == Outcome::kOk && i + 1 == count_of) LUMOS_TRY(look_at_stored(cell, s));
      fault_point("sample.received");
      LUMOS_TRY(store_.add(s));
      fault_point("sample.stored");
      samples.push_back(s);
      count({s});
      if (s.outcome != Outcome::kOk) break;
    }
    return true;
  }

  // Of each visit the last: reading after every one would keep the storage busy with what nobody measures.
  Expected<> look_at_stored(const Cell& cell, Sample& sample) {
    const std::string wrong = LUMOS_TRY(backend_.look_at_stored(cell));
    if (wrong.empty()) return {};
    sample.outcome = Outcome::kWrongOutput;
    return store_.add_event("stored", std::format("sample {}: {}", sample.id, wrong));
  }

  // Beside the visit's own start and at the same time, so that the two can be compared; it counts nowhere else.
  Expected<> probe(const Visit& visit, const Cell& cell) {
    (void)backend_.set_cache(cell);
    auto probe = LUMOS_TRY(backend_.probe(cell, next_sample_));
    if (!probe) return {};
    ++next_sample_;
    probe->sample.visit = visit.id;
    probe->sample.role = Role::kProbe;
    LUMOS_TRY(store_.add(probe->sample));
    for (auto& instance : probe->instances) {
      instance.visit = visit.id;
      instance.role = Role::kProbe;
      LUMOS_TRY(store_.add(instance));
    }
    return {};
  }

  void count(const std::vector<Sample>& samples) {
    for (const auto& s : samples) {
      if (s.role != Role::kMeasure) continue;
      ++progress_.samples;
      progress_.failures += s.outcome == Outcome::kOk ? 0 : 1;
    }
  }

  void count(const LoadRecord& load) {
    progress_.samples += load.requests;
    progress_.failures += load.errors();
  }

  // `visit`: samples, or the record of a load.
  void finish(std::int64_t cell, const auto& visit, Nanoseconds duration) {
    const auto i = static_cast<std::size_t>(cell);
    cells_[i].add_visit(visit, duration);
    left_[i] = std::max<std::int64_t>(0, left_[i] - 1);
  }

  void report(const Cell& cell) {
    progress_.cell = &cell;
    progress_.cells = static_cast<std::int64_t>(cells_.size());
    progress_.cells_done = std::ranges::count(left_, 0);
    progress_.elapsed = elapsed();
    Nanoseconds expected{0}, known{0};
    std::int64_t visited = 0;
    for (const auto& c : cells_) {
      known += c.visit_duration();
      visited += c.replicates() > 0 ? 1 : 0;
    }
    for (std::size_t i = 0; i < cells_.size(); ++i) {  // a cell not yet visited is taken for an average one
      const Nanoseconds one = cells_[i].replicates() > 0 ? cells_[i].visit_duration()
                              : visited > 0              ? known / visited
                                                         : Nanoseconds(0);
      expected += one * left_[i];
    }
    progress_.left =
        std::clamp(expected, Nanoseconds(0), std::max(Nanoseconds(0), plan_.stop.budget - progress_.elapsed));
    hooks_.progress(progress_);
  }

  const Plan& plan_;
  Backend& backend_;
  Store& store_;
  const ConductorHooks& hooks_;
  Replay replay_;
  Nanoseconds started_;
  std::vector<CellProgress> cells_;
  std::vector<std::int64_t> left_;  // visits expected, by cell
  std::int64_t next_visit_, next_sample_;
  Progress progress_;
};

}  // namespace

std::vector<std::int64_t> round_order(std::uint64_t seed, std::int64_t round, std::vector<std::int64_t> cells) {
  RandomStream(seed, std::format("order of round {}", round)).shuffle(std::span(cells));
  return cells;
}

Expected<RunEnd> conduct(const Plan& plan, Backend& backend, Store& store, const ConductorHooks& hooks) {
  Replay replay = LUMOS_TRY(read_replay(store));
  const auto end = Conductor(plan, backend, store, hooks, std::move(replay)).run();
  // Whatever happened, what was measured is kept.
  const auto committed = store.commit();
  if (end && !committed) return std::unexpected(committed.error());
  return end;
}

}  // namespace lumos
