// Steps are stamped on the same clock as phases, by processes that know nothing of them: crun goes on in the instance
// while the launcher waits for its `start`, so a step may lie across the end of a phase. Each phase gets of each step
// what overlaps with it; what no step covers is the rest. A phase and its parts so add up in every start.
//
// Where the steps come from probes, they are of other starts than the phases that are shown. What is carried over is
// the share: the sum of a part over the sum of its phase, over all probes, a ratio estimator that gives long starts
// their weight. Times the mean phase of the measured starts it gives parts that add up to that mean.
#include "analysis/anatomy.h"

#include <algorithm>
#include <map>

#include "analysis/factors.h"
#include "base/random.h"
#include "stats/moments.h"
#include "stats/ratio.h"

namespace lumos {
namespace {

struct PhaseOfStart {
  const char* name;
  std::optional<std::int64_t> begin, end;
};

// A command's module is loaded when the adapter that stands for it is ready already.
std::array<PhaseOfStart, 4> phases_of_start(const Stamps& t) {
  return {{{"create", t.create_begin, t.create_end},
           {"start", t.start_begin, t.start_end},
           {"ready", t.start_end ? t.start_end : t.create_end, t.ready},
           {"function", t.dispatched, t.responded}}};
}

/// A start that was looked into.
struct Looked {
  const Sample* sample;
  const Instance* instance;
};

std::vector<Looked> looked_into(const CellRecords& records, const std::vector<const Sample*>& samples) {
  std::vector<Looked> result;
  for (const Sample* sample : samples) {
    const auto instance = records.by_id.find(sample->instance.value_or(0));
    if (sample->outcome != Outcome::kOk || instance == records.by_id.end() || instance->second->steps.empty()) continue;
    result.push_back({sample, instance->second});
  }
  return result;
}

std::int64_t overlap(const StepTime& step, const PhaseOfStart& phase) {
  return std::max<std::int64_t>(0, std::min(step.end_ns, *phase.end) - std::max(step.begin_ns, *phase.begin));
}

/// One phase over all the starts.
struct PhaseSums {
  double phase_ns = 0;
  std::map<Step, double> steps_ns;
};

std::vector<std::pair<std::string, PhaseSums>> sums_of(const std::vector<Looked>& starts) {
  std::vector<std::pair<std::string, PhaseSums>> result;
  for (const auto& [sample, instance] : starts) {
    for (const auto& phase : phases_of_start(sample->stamps)) {
      if (!phase.begin || !phase.end) continue;
      auto found = std::ranges::find(result, phase.name, &std::pair<std::string, PhaseSums>::first);
      if (found == result.end()) found = result.insert(result.end(), {phase.name, {}});
      found->second.phase_ns += static_cast<double>(*phase.end - *phase.begin);
      for (const auto& step : instance->steps) {
        if (const auto ns = overlap(step, phase); ns > 0) found->second.steps_ns[step.step] += static_cast<double>(ns);
      }
    }
  }
  return result;
}

std::optional<double> mean_cpu_ms(const std::vector<Looked>& starts, Step step) {
  Moments ns;
  for (const auto& start : starts) {
    const auto found = std::ranges::find(start.instance->steps, step, &StepTime::step);
    if (found != start.instance->steps.end() && found->cpu_ns) ns.add(static_cast<double>(*found->cpu_ns));
  }
  return ns.mean().transform([](double mean) { return mean / 1e6; });
}

double mean_phase_ms(const PhaseSummary& phases, const std::string& name) {
  const auto found = std::ranges::find(phases.mean_phases, name, &std::pair<std::string, double>::first);
  return found == phases.mean_phases.end() ? 0 : found->second;
}

std::vector<AnatomyPart> parts_of(const std::vector<Looked>& starts, const PhaseSummary& phases) {
  std::vector<AnatomyPart> parts;
  std::set<Step> seen;
  for (const auto& [name, sums] : sums_of(starts)) {
    if (sums.steps_ns.empty() || sums.phase_ns <= 0) continue;
    const double phase_ms = mean_phase_ms(phases, name);
    double rest = 1;
    const auto add = [&, phase = name](std::string step, double share, std::optional<double> cpu_ms) {
      parts.push_back({phase, std::move(step), share, share * phase_ms, cpu_ms});
    };
    for (const auto& [step, ns] : sums.steps_ns) {
      const double share = ns / sums.phase_ns;
      rest -= share;
      add(std::string(name_of(step)), share, seen.insert(step).second ? mean_cpu_ms(starts, step) : std::nullopt);
    }
    add("rest", rest, std::nullopt);
  }
  return parts;
}

/// The latencies of the probes against those of the measured starts of their visits.
std::optional<Estimate> slowdown_of(const CellRecords& records, const std::vector<Looked>& probes, std::uint64_t seed) {
  std::map<std::int64_t, const Sample*> measured;  // by visit
  for (const Sample* sample : records.measured()) measured.emplace(sample->visit, sample);
  Replicates with, without;
  for (const auto& probe : probes) {
    const auto other = measured.find(probe.sample->visit);
    if (other == measured.end() || other->second->outcome != Outcome::kOk) continue;
    const auto a = probe.sample->latency_ns(), b = other->second->latency_ns();
    if (!a || !b) continue;
    with.push_back({static_cast<double>(*a)});
    without.push_back({static_cast<double>(*b)});
  }
  const std::string key = factor_key(records.cell->factors, {});
  return ratio_of_medians(bootstrap_quantiles(with, RandomStream(seed, "probed " + key)),
                          bootstrap_quantiles(without, RandomStream(seed, "not probed " + key)));
}

}  // namespace

std::optional<Anatomy> anatomy_of(const CellRecords& records, const PhaseSummary& phases, std::uint64_t seed) {
  if (records.cell->start != Start::kCold) return std::nullopt;
  auto starts = looked_into(records, records.probes);
  Anatomy anatomy{.probed = !starts.empty()};
  if (anatomy.probed)
    anatomy.slowdown = slowdown_of(records, starts, seed);
  else
    starts = looked_into(records, records.measured());
  anatomy.starts = starts.size();
  anatomy.parts = parts_of(starts, phases);
  return anatomy.parts.empty() ? std::nullopt : std::optional(std::move(anatomy));
}

}  // namespace lumos
