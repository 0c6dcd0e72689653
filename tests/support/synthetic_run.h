// A run made by hand: every number chosen, everything in order, ready to be broken by a test.
#pragma once

#include <cstdint>
#include <format>
#include <map>
#include <string>

#include "base/random.h"
#include "record/run_data.h"

namespace lumos {

/// Builds a RunData whose every check passes. Latencies lie within ±5 % of the median asked for; with fixed seeds and
/// whole numbers throughout, it is the same on every machine.
class SyntheticRun {
 public:
  explicit SyntheticRun(std::string name = "synthetic") {
    run.name = std::move(name);
    run.plan.name = run.name;
    run.plan.seed = 42;
    run.manifest = {{"backend", {{"placement", {{"instances", {1}}, {"shared", false}}}}}};
  }

  RunData run{.events = {{"end", "measured"}}};

  /// A new cell, and its deployment when that is new; its id.
  std::int64_t add_cell(const std::string& function, const nlohmann::ordered_json& payload, const std::string& runtime,
                        Start start) {
    const auto id = static_cast<std::int64_t>(run.plan.cells.size());
    const nlohmann::ordered_json cache = start == Start::kCold ? nlohmann::ordered_json("memory") : nullptr;
    const nlohmann::ordered_json factors{{"function", function},    {"payload", payload}, {"runtime", runtime},
                                         {"start", name_of(start)}, {"cache", cache},     {"runtime_cache", cache},
                                         {"storage", "inline"},     {"format", "json"}};
    run.plan.cells.push_back({.id = id,
                              .deployment = deployment(function, runtime),
                              .factors = factors,
                              .start = start,
                              .expected_digest = digest_of(function, payload)});
    return id;
  }

  /// `visits` finished visits of one cold invocation each.
  void add_cold(std::int64_t cell, int visits, std::int64_t median_us) {
    for (int i = 0; i < visits; ++i) {
      Sample sample = answer(cell, add_visit(cell), median_us, 1);
      Stamps& t = sample.stamps;
      const std::int64_t spare = *t.responded - *t.received;
      t.create_begin = *t.received + 10'000;
      t.create_end = *t.create_begin + spare / 2;
      t.start_begin = t.create_end;
      t.start_end = *t.start_begin + spare / 8;
      t.ready = *t.start_end + spare / 8;
      t.dispatched = *t.ready + 5'000;
      set_spans(sample);
      sample.cpu_after_ns = spare / 4;
      sample.start = Start::kCold;
      run.samples.push_back(sample);
    }
  }

  /// `visits` finished visits of a prime and `invocations` warm ones.
  void add_warm(std::int64_t cell, int visits, int invocations, std::int64_t median_us) {
    for (int i = 0; i < visits; ++i) {
      const std::int64_t visit = add_visit(cell);
      std::int64_t cpu_ns = 5'000'000;
      for (int invocation = 1; invocation <= invocations + 1; ++invocation) {
        Sample sample = answer(cell, visit, median_us, invocation);
        sample.stamps.dispatched = *sample.stamps.received + 10'000;
        set_spans(sample);
        sample.role = invocation == 1 ? Role::kPrime : Role::kMeasure;
        sample.start = invocation == 1 ? Start::kCold : Start::kWarm;
        sample.cpu_before_ns = cpu_ns;
        sample.cpu_after_ns = cpu_ns += median_us * 800;
        run.samples.push_back(sample);
      }
    }
  }

  /// A cell asked by a load, and `visits` repetitions of 10 s at so many right answers a second.
  std::int64_t add_load(const std::string& function, const std::string& runtime, const CellLoad& load, int visits,
                        std::int64_t per_s, std::int64_t median_us, std::int64_t failures = 0) {
    const std::int64_t cell = add_cell(function, nullptr, runtime, Start::kWarm);
    Cell& made = run.plan.cells[static_cast<std::size_t>(cell)];
    made.load = load;
    for (const char* factor : {"start", "cache", "runtime_cache"}) made.factors[factor] = nullptr;
    const nlohmann::ordered_json users =
        load.open ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(load.concurrency);
    const nlohmann::ordered_json rate = load.open ? nlohmann::ordered_json(std::stoll(load.rate)) : nullptr;
    const nlohmann::ordered_json arrivals = load.open ? nlohmann::ordered_json(load.arrivals) : nullptr;
    made.factors.update(nlohmann::ordered_json{
        {"load", load.open ? "open" : "closed"}, {"concurrency", users}, {"rate", rate}, {"arrivals", arrivals}});
    add_warm(cell, visits, 3, median_us);
    for (const Visit& visit : run.visits) {
      if (visit.cell == cell) run.loads.push_back(repetition(visit.id, load, per_s, median_us, failures));
    }
    return cell;
  }

  /// The samples of a cell that count.
  std::vector<Sample*> measured(std::int64_t cell) {
    std::vector<Sample*> result;
    for (auto& sample : run.samples) {
      if (run.visits[static_cast<std::size_t>(sample.visit) - 1].cell == cell && sample.role == Role::kMeasure) {
        result.push_back(&sample);
      }
    }
    return result;
  }

  std::vector<Instance*> instances(std::int64_t cell) {
    std::vector<Instance*> result;
    for (auto& instance : run.instances) {
      if (run.visits[static_cast<std::size_t>(instance.visit) - 1].cell == cell) result.push_back(&instance);
    }
    return result;
  }

 private:
  static std::string digest_of(const std::string& function, const nlohmann::ordered_json& payload) {
    return std::format("{:016x}", RandomStream(0, function + payload.dump()).below(1ULL << 62));
  }

  std::int64_t deployment(const std::string& function, const std::string& runtime) {
    for (const auto& known : run.plan.deployments) {
      if (known.function == function && known.runtime == runtime) return known.id;
    }
    const bool wasm = runtime.starts_with("wasm");
    const auto id = static_cast<std::int64_t>(run.plan.deployments.size());
    run.plan.deployments.push_back(
        {.id = id,
         .function = function,
         .runtime = runtime,
         .traits = {{"isolation", "container"},
                    {"launcher", runtime == "runc"      ? "runc"
                                 : runtime == "sandbox" ? "lumos"
                                                        : "crun"},
                    {"engine", wasm ? "wasmedge" : "native"},
                    {"mode", runtime == "wasm-aot" ? "aot"
                             : wasm                ? "interpreted"
                                                   : "native"}},
         .image_digest = "sha256:" + runtime,
         .image_bytes = runtime == "sandbox" ? std::nullopt : std::optional<std::int64_t>(wasm ? 412'345 : 1'234'567),
         .artefact_bytes = wasm ? 398'765 : 2'345'678,
         .image_verified = true});
    return id;
  }

  // Latencies from half to twice the median; a queue that neither grows nor shrinks.
  LoadRecord repetition(std::int64_t visit, const CellLoad& load, std::int64_t per_s, std::int64_t median_us,
                        std::int64_t failures) {
    LoadRecord r{.visit = visit, .requests = per_s * 10 + failures};
    r.outcomes[static_cast<std::size_t>(Outcome::kOk)] = per_s * 10;
    r.outcomes[static_cast<std::size_t>(Outcome::kTimeout)] = failures;
    r.starts[static_cast<std::size_t>(Start::kWarm)] = r.sent = r.requests;
    if (load.open) r.asked_per_s = std::stod(load.rate);
    r.window = std::chrono::seconds(10);
    r.wall = r.window + std::chrono::milliseconds(noise_.below(20));
    r.schedule_error_p50_ns = 20'000, r.schedule_error_p99_ns = 300'000, r.schedule_error_max_ns = 900'000;
    r.generator_cpu = std::chrono::milliseconds(900);
    r.core_busy_share = 0.4;
    r.real_time = true;
    r.instance_cpu_ns = r.requests * 50'000;
    for (int k = 0; k < 40; ++k) r.backlog.push_back(static_cast<std::int64_t>(4 + noise_.below(3)));
    for (int k = 0; k < 100; ++k)
      r.latencies.emplace_back(median_us * (500 + 10 * k + (k > 50 ? 10 * (k - 50) : 0)), per_s / 10);
    return r;
  }

  std::int64_t add_visit(std::int64_t cell) {
    const auto id = static_cast<std::int64_t>(run.visits.size()) + 1;
    run.visits.push_back({.id = id, .cell = cell, .round = round_[cell]++, .finished = true, .machine = quiet()});
    if (run.plan.cells[static_cast<std::size_t>(cell)].start == Start::kCold) {
      run.visits.back().cache = {
          .image_pages = 300, .image_pages_cached = 300, .runtime_pages = 5'000, .runtime_pages_cached = 5'000};
    }
    const auto& mode =
        run.plan.deployments[static_cast<std::size_t>(run.plan.cells[static_cast<std::size_t>(cell)].deployment)]
            .traits["mode"];
    run.instances.push_back({.id = id,
                             .visit = id,
                             .name = std::format("instance-{}", id),
                             .cpu_launch_ns = 6'000'000 + id * 1000,
                             .cpu_total_ns = 9'000'000,
                             .memory_peak_bytes = 4'000'000 + id * 4096,
                             .aot_code_bytes = mode == "aot" ? 81'920 : 0,
                             .counters = counters(),
                             .cores_allowed = "1"});
    return id;
  }

  static InstanceCounters counters() {
    return {.context_switches_voluntary = 9,
            .context_switches_involuntary = 2,
            .page_faults_minor = 640,
            .page_faults_major = 0,
            .pss_bytes = 1'003'520,
            .memory_bytes = 638'976,
            .throttled_periods = 0,
            .throttled_ns = 0,
            .block_read_bytes = 0,
            .block_write_bytes = 0,
            .network_receive_bytes = 370,
            .network_send_bytes = 533,
            .last_core = 1,
            .series_missed = 0};
  }

  /// One window of a machine with two cores that does nothing else.
  static MachineUse quiet() {
    return {.elapsed_ns = 100'000'000,
            .steal_ns = 0,
            .machine_busy_ns = 110'000'000,
            .own_cpu_ns = 101'000'000,
            .psi_cpu_ns = 0};
  }

  /// Everything of a good sample that does not depend on how it started. Times between `received` and `responded` are
  /// left open.
  Sample answer(std::int64_t cell, std::int64_t visit, std::int64_t median_us, std::int64_t invocation) {
    const auto spread = static_cast<std::int64_t>(noise_.below(101)) - 50;  // per mille
    const std::int64_t latency = median_us * (1000 + spread);
    clock_ns_ += 1'000'000'000;
    Sample sample{.id = static_cast<std::int64_t>(run.samples.size()) + 1, .visit = visit, .http_status = 200};
    sample.start_verified = true;
    sample.instance = visit;
    sample.invocation = invocation;
    sample.stamps.intended = clock_ns_;
    sample.stamps.sent = clock_ns_ + 2'000;
    sample.stamps.received = clock_ns_ + 30'000;
    sample.stamps.done = clock_ns_ + latency;
    sample.stamps.responded = *sample.stamps.done - 20'000;
    sample.request_bytes = 12;
    sample.response_bytes = 34;
    sample.digest = *run.plan.cells[static_cast<std::size_t>(cell)].expected_digest;
    return sample;
  }

  /// The function's own durations: 70 % of what the gateway saw, fully accounted for.
  static void set_spans(Sample& sample) {
    const std::int64_t handle = (*sample.stamps.responded - *sample.stamps.dispatched) * 7 / 10;
    const std::int64_t edge = handle / 10;
    sample.spans = {
        .receive = 3'000, .deserialize = edge, .compute = handle - 2 * edge, .serialize = edge, .handle = handle};
  }

  RandomStream noise_{1, "synthetic latencies"};
  std::map<std::int64_t, std::int64_t> round_;
  std::int64_t clock_ns_ = 0;
};

}  // namespace lumos
