#include "control/backend/fake.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <thread>

#include "control/backend/fake_load.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

class VirtualClock final : public Clock {
 public:
  Nanoseconds now() const override { return now_; }
  void advance(Nanoseconds by) { now_ += by; }

 private:
  Nanoseconds now_ = 1s;
};

struct FakeInstance {
  Instance record;
  std::int64_t invocations = 0;
  std::int64_t last_answer = 0;
};

class FakeBackend final : public Backend {
 public:
  FakeBackend(const Plan& plan, FakeScript script)
      : plan_(plan), script_(script), next_instance_(script.first_instance) {}

  Expected<Sample> invoke(const Cell& cell, std::int64_t id) override {
    // A stream per sample: a resumed run plays on exactly where an unbroken one would be.
    RandomStream random(plan_.seed, std::format("fake invocation {}", id));
    const double scale = base_scale(cell);
    Sample s{.id = id, .http_status = 200};
    s.stamps.intended = now();
    s.stamps.sent = pass(2us);
    s.stamps.received = pass(20us);
    FakeInstance& instance = find_or_create(cell, s, random);
    s.instance = instance.record.id;
    s.invocation = ++instance.invocations;
    s.start = s.stamps.create_begin ? Start::kCold : Start::kWarm;
    s.start_verified = true;
    if (s.start == Start::kWarm) s.idle_gap_ns = now() - instance.last_answer;
    s.stamps.dispatched = pass(5us);
    work(s, instance, scale, random);
    s.stamps.done = pass(15us);
    instance.last_answer = *s.stamps.responded;
    s.request_bytes = static_cast<std::int64_t>(plan_.input_of(cell).body.size());
    s.digest = cell.expected_digest.value_or("");
    if (script_.faults && id % 7 == 0) break_it(s, id / 7);
    return s;
  }

  Expected<Load> load(const Cell& cell, const LoadTask& task) override {
    Sample maker;
    RandomStream random(plan_.seed, std::format("fake load {} {}", cell.id, task.repetition));
    FakeInstance& instance = find_or_create(cell, maker, random);
    const std::int64_t cpu_before = *instance.record.cpu_total_ns;
    auto played = play_load(cell, task, plan_.seed, now(), [&](std::int64_t id) {
      const auto compute = jittered(200us, base_scale(cell), random);
      *instance.record.cpu_total_ns += compute.count() + 20'000;
      const bool fails = script_.faults && id > 0 && id % 70 == 0;
      return FakeService{.service = compute.count() + 25'000, .outcome = fails ? Outcome::kReset : Outcome::kOk};
    });
    for (Sample& s : played.samples) {
      s.instance = instance.record.id;
      s.http_status = 200;
      s.start_verified = s.outcome == Outcome::kOk ? std::optional(true) : std::nullopt;
      s.digest = cell.expected_digest.value_or("");
    }
    played.record.instance_cpu_ns = *instance.record.cpu_total_ns - cpu_before;
    const Nanoseconds whole = cell.load->warmup + played.record.wall;
    for (Nanoseconds passed{0}; passed < whole; passed += 50ms) {
      pass(std::min<Nanoseconds>(50ms, whole - passed));
      if (!task.interrupted()) continue;
      played.record.window = std::max(Nanoseconds(0), passed - cell.load->warmup);
      break;
    }
    task.progress({.elapsed = played.record.window,
                   .due = played.record.requests,
                   .sent = played.record.sent,
                   .ended = played.record.ended(),
                   .errors = played.record.errors()});
    return Load{.record = std::move(played.record), .samples = std::move(played.samples)};
  }

  Expected<std::vector<Instance>> retire(std::int64_t deployment) override {
    std::vector<Instance> ended;
    if (const auto found = instances_.find(deployment); found != instances_.end()) {
      ended.push_back(found->second.record);
      instances_.erase(found);
    }
    pass(1ms);
    return ended;
  }

  Expected<std::optional<Probe>> probe(const Cell& cell, std::int64_t id) override {
    if (plan_.deployments.at(static_cast<std::size_t>(cell.deployment)).traits.value("engine", "") != "wasmedge")
      return std::nullopt;
    Probe probe{.sample = LUMOS_TRY(invoke(cell, id))};
    probe.instances = LUMOS_TRY(retire(cell.deployment));
    for (auto& instance : probe.instances) instance.steps = scripted_steps(probe.sample.stamps);
    return probe;
  }

  // An intercept and a slope: what the fit must find.
  Expected<std::vector<DensityPoint>> density(const Cell& cell, std::int64_t instances) override {
    std::vector<DensityPoint> points;
    for (std::int64_t n = 0; n <= instances; ++n) {
      points.push_back({.deployment = cell.deployment,
                        .instances = n,
                        .pss_bytes = n == 0 ? 0 : 50'000'000 + n * 3'000'000,
                        .memory_bytes = n * 1'000'000,
                        .host_bytes = 700'000'000 + n * 2'000'000});
      pass(20ms);
    }
    return points;
  }

  const Clock& clock() const override { return clock_; }
  nlohmann::ordered_json describe() const override {
    return {{"name", script_.faults ? "fake:faults"
                     : script_.slow ? "fake:slow"
                                    : "fake"},
            {"note", "scripted durations: nothing was measured"},
            {"faults", script_.faults}};
  }

 private:
  std::int64_t now() const { return clock_.now().count(); }

  std::int64_t pass(Nanoseconds duration) {
    clock_.advance(duration);
    if (script_.slow) std::this_thread::sleep_for(duration);
    return now();
  }

  // A factor between 1 and 10 that belongs to function and runtime.
  double base_scale(const Cell& cell) const {
    const auto& d = plan_.deployments.at(static_cast<std::size_t>(cell.deployment));
    return std::pow(10.0, RandomStream(1, d.function + "/" + d.runtime).uniform());
  }

  // Half of create loads the engine's libraries, half of ready its module.
  static std::vector<StepTime> scripted_steps(const Stamps& t) {
    const std::int64_t create = *t.create_end - *t.create_begin, ready = *t.ready - *t.start_end;
    const auto step = [](Step which, std::int64_t from, std::int64_t length) {
      return StepTime{.step = which, .begin_ns = from, .end_ns = from + length, .cpu_ns = length / 2};
    };
    return {step(Step::kBundle, *t.create_begin, create / 10),
            step(Step::kLibraries, *t.create_begin + create / 4, create / 2),
            step(Step::kEngine, *t.start_end, ready / 10),
            step(Step::kLoad, *t.start_end + ready / 10, ready / 5),
            step(Step::kValidate, *t.start_end + ready / 10 * 3, ready / 10),
            step(Step::kInstantiate, *t.start_end + ready / 10 * 4, ready / 10)};
  }

  static Nanoseconds jittered(Nanoseconds typical, double scale, RandomStream& random) {
    return Nanoseconds(std::llround(static_cast<double>(typical.count()) * scale * (0.9 + 0.2 * random.uniform())));
  }

  void pull(Sample& s, RandomStream& random) {
    s.stamps.pull_begin = now();
    s.stamps.pull_end = s.stamps.unpack_begin = pass(jittered(20ms, 1, random));
    s.stamps.unpack_end = pass(jittered(8ms, 1, random));
  }

  FakeInstance& find_or_create(const Cell& cell, Sample& s, RandomStream& random) {
    const auto found = instances_.find(cell.deployment);
    if (found != instances_.end()) return found->second;
    const Deployment& deployment = plan_.deployments.at(static_cast<std::size_t>(cell.deployment));
    if (deployment.environment.pulled) pull(s, random);
    s.stamps.create_begin = now();
    s.stamps.create_end = pass(jittered(4ms, base_scale(cell), random));
    s.stamps.start_begin = now();
    s.stamps.start_end = pass(jittered(2ms, base_scale(cell), random));
    s.stamps.ready = pass(500us);
    const bool aot = deployment.traits.value("mode", "") == "aot";
    FakeInstance& instance = instances_[cell.deployment];
    instance.record = {.id = next_instance_,
                       .name = std::format("fake-{}", next_instance_),
                       .cpu_launch_ns = 5'000'000,
                       .cpu_total_ns = 0,
                       .memory_peak_bytes = 1 << 20,
                       .aot_code_bytes = aot ? 65536 : 0};
    ++next_instance_;
    return instance;
  }

  void work(Sample& s, FakeInstance& instance, double scale, RandomStream& random) {
    s.cpu_before_ns = instance.record.cpu_total_ns;
    const auto compute = jittered(200us, scale, random);
    pass(10us + 3us + compute + 4us + 8us);
    s.spans = {.receive = 1000,
               .deserialize = 3000,
               .compute = compute.count(),
               .serialize = 4000,
               .handle = compute.count() + 8000};
    s.stamps.responded = now();
    *instance.record.cpu_total_ns += compute.count() + 20'000;
    s.cpu_after_ns = instance.record.cpu_total_ns;
  }

  static void break_it(Sample& s, std::int64_t which) {
    static constexpr Outcome kFaults[] = {Outcome::kWrongOutput, Outcome::kReset, Outcome::kTimeout,
                                          Outcome::kBadStatus};
    s.outcome = kFaults[which % 4];
    if (s.outcome == Outcome::kBadStatus) s.http_status = 500;
    if (s.outcome == Outcome::kWrongOutput) s.digest = "not-this";
  }

  const Plan& plan_;
  FakeScript script_;
  std::int64_t next_instance_;
  VirtualClock clock_;
  std::map<std::int64_t, FakeInstance> instances_;  // by deployment
};

}  // namespace

Expected<FakeScript> parse_fake_script(const std::string& name) {
  if (name == "fake") return FakeScript{};
  if (name == "fake:faults") return FakeScript{.faults = true};
  if (name == "fake:slow") return FakeScript{.slow = true};
  return fail(ErrorCode::kUsage, "--backend {}: the fake backend has the scripts fake, fake:faults and fake:slow",
              name);
}

std::unique_ptr<Backend> make_fake_backend(const Plan& plan, FakeScript script) {
  return std::make_unique<FakeBackend>(plan, script);
}

}  // namespace lumos
