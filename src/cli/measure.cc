#include "cli/measure.h"

#include <cmath>
#include <cstdio>

#include "base/file.h"
#include "base/suggest.h"
#include "base/units.h"
#include "cli/interrupt.h"
#include "cli/manifest.h"
#include "cli/plan_text.h"
#include "cli/progress.h"
#include "control/backend/fake.h"
#include "control/build/builder.h"
#include "control/build/inputs.h"
#include "control/experiment/conductor.h"
#include "control/experiment/estimate.h"
#include "control/experiment/local_run.h"
#include "control/experiment/stopping.h"
#include "control/experiment/storage_surroundings.h"
#include "control/runtime/registry.h"
#include "record/store.h"
#include "workload/device_profile.h"
#include "workload/expand.h"
#include "workload/link_profile.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

std::string time_of(std::optional<double> ns) {
  if (!ns) return "–";
  return std::isfinite(*ns) ? format_duration(Nanoseconds(std::llround(*ns))) : "∞";
}

// "open load, 3 s: asked 50/s, reached 50/s, p50 1.20 ms, p99 3.40 ms, 0 errors"
std::string load_progress_text(const LoadStanding& l) {
  const double seconds = std::max(std::chrono::duration<double>(l.elapsed).count(), 1e-9);
  return std::format("; {:.0f} s: asked {:.0f}/s, reached {:.0f}/s, p50 {}, p99 {}, {} error{}", seconds,
                     static_cast<double>(l.due) / seconds, static_cast<double>(l.sent) / seconds, time_of(l.p50_ns),
                     time_of(l.p99_ns), l.errors, l.errors == 1 ? "" : "s");
}

std::string progress_text(const Progress& p) {
  const std::string failures = p.failures == 0 ? "" : std::format(", {} failed", p.failures);
  return std::format("{}/{} cells done, {} samples{}, {} elapsed, {} left  {}{}", p.cells_done, p.cells, p.samples,
                     failures, format_duration(p.elapsed), format_duration(p.left), cell_label(*p.cell),
                     p.load ? load_progress_text(*p.load) : "");
}

bool is_fake(const std::string& backend) { return backend != "local"; }

Expected<> check_backend(const std::string& name) {
  if (name == "local" || parse_fake_script(name)) return {};
  return fail(ErrorCode::kUsage, "--backend {}: unknown{}; known: local, fake, fake:faults, fake:slow", name,
              suggestion(name, std::vector<std::string>{"local", "fake", "fake:faults", "fake:slow"}));
}

// Scripted durations among measured ones would make all of them worthless.
Expected<> check_same_backend(const RunFolder& run, const std::string& backend) {
  const auto manifest = LUMOS_TRY(read_manifest(run));
  const std::string begun = manifest.value("/backend/name"_json_pointer, "");
  if (begun == backend) return {};
  return fail(ErrorCode::kUsage, "{}: was begun on the {} backend; go on with --backend {}", run.path.string(), begun,
              begun);
}

// A run folder with a store: a new one with the plan in it, or the one to go on with.
struct Opened {
  RunFolder run;
  Store store;
  Plan plan;
};

Expected<Opened> reopen_run(const Places& places, const MeasureRequest& request) {
  RunFolder run = LUMOS_TRY(find_run(places.runs, request.resume.string()));
  Store store = LUMOS_TRY(Store::open(run.store(), true));
  Plan stored = LUMOS_TRY(store.plan());
  LUMOS_TRY(check_same_backend(run, request.backend));
  LUMOS_TRY(store.add_event("resume", utc_now()));
  return Opened{std::move(run), std::move(store), std::move(stored)};
}

// A run that could not begin leaves no folder that `latest` would find.
void discard(const RunFolder& run) {
  std::error_code ignored;
  for (const char* log : {"", "-wal", "-shm"}) fs::remove(run.store().string() + log, ignored);
  for (const auto& file : {run.experiment(), run.manifest()}) fs::remove(file, ignored);
  fs::remove_all(run.logs(), ignored);
  fs::remove(run.path, ignored);
}

Expected<Opened> begin_run(const Places& places, const MeasureRequest& request, Plan plan) {
  RunFolder run = LUMOS_TRY(create_run_folder(places.runs, request.out, plan.name));
  auto store = Store::create(run.store(), plan);
  if (store) {
    std::error_code error;
    fs::copy_file(request.experiment, run.experiment(), fs::copy_options::overwrite_existing, error);
    if (error) store = fail(ErrorCode::kEnvironment, "{}: {}", run.experiment().string(), error.message());
  }
  if (!store && store.error().code == ErrorCode::kEnvironment) discard(run);  // else another's: it was there already
  if (!store) return std::unexpected(std::move(store).error());
  return Opened{std::move(run), *std::move(store), std::move(plan)};
}

// What instances are made of, and what their storage needs.
struct Built {
  std::vector<Artefact> artefacts;
  StorageTools tools;
};

Expected<std::unique_ptr<Backend>> start_backend(const Places& places, const MeasureRequest& request,
                                                 const Opened& opened, const Built& built) {
  const auto instances = LUMOS_TRY(opened.store.instances());
  const std::int64_t first_instance = instances.empty() ? 1 : instances.back().id + 1;
  if (!is_fake(request.backend)) {
    return start_local_backend(opened.plan, built.artefacts,
                               {.home = places.home,
                                .log = opened.run.logs() / "processes.log",
                                .first_instance = first_instance,
                                .tools = built.tools});
  }
  FakeScript script = LUMOS_TRY(parse_fake_script(request.backend));
  script.first_instance = first_instance;
  return make_fake_backend(opened.plan, script);
}

// A resumed run measures what the plan's images are, or nothing: other images would be other cells.
Expected<> check_same_images(const Plan& stored, const std::vector<Artefact>& artefacts, const RunFolder& run) {
  Plan now = stored;
  LUMOS_TRY(describe_images(now, artefacts));
  for (std::size_t i = 0; i < stored.deployments.size(); ++i) {
    if (stored.deployments[i].image_digest == now.deployments[i].image_digest &&
        stored.deployments[i].image_verified == now.deployments[i].image_verified) {
      continue;
    }
    return fail(ErrorCode::kUsage, "{}: the image of {} for {} has changed since it was begun; begin a new run",
                run.path.string(), stored.deployments[i].function, stored.deployments[i].runtime);
  }
  return {};
}

// The first part's manifest stays; what was resumed is listed in it.
Expected<nlohmann::ordered_json> manifest_of(const RunFolder& run, bool resumed, nlohmann::ordered_json now) {
  if (!resumed) return now;
  auto begun = LUMOS_TRY(read_manifest(run));
  for (const char* stale : {"ended_utc", "end", "machine_use"}) begun.erase(stale);
  begun["resumed"].push_back(std::move(now));
  return begun;
}

Expected<Measured> conduct_with_progress(const Places& places, const MeasureRequest& request, Opened& opened,
                                         const Built& built) {
  const bool resumed = !request.resume.empty();
  SystemCommandRunner runner;
  auto manifest = make_manifest(runner, places, opened.plan);  // before the backend binds this process to its cores
  const auto backend = start_backend(places, request, opened, built);
  if (!backend) {
    if (!resumed) discard(opened.run);
    return std::unexpected(backend.error());
  }
  manifest["backend"] = (*backend)->describe();
  manifest["overrides"] = request.overrides;
  manifest["tier"] = request.tier.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(request.tier);
  manifest = LUMOS_TRY(manifest_of(opened.run, resumed, std::move(manifest)));
  LUMOS_TRY(write_manifest(opened.run, manifest));
  watch_for_interrupts();
  ProgressLine line;
  const MachineUse before = (*backend)->machine();
  const auto end =
      conduct(opened.plan, **backend, opened.store,
              {.progress = [&](const Progress& p) { line.show(progress_text(p)); }, .interrupted = interrupted});
  if (!end) {
    (void)opened.store.add_event("broken", end.error().message);
    return fail(end.error().code, "{}: {} (what was measured is kept; go on with --resume {})",
                opened.run.path.string(), end.error().message, opened.run.path.string());
  }
  static constexpr const char* kEnds[] = {"measured", "budget", "interrupted"};
  const char* ended = kEnds[static_cast<int>(*end)];
  LUMOS_TRY(opened.store.add_event("end", ended));
  manifest["ended_utc"] = utc_now();
  manifest["end"] = ended;
  manifest["machine_use"] = to_json((*backend)->machine().since(before));
  LUMOS_TRY(write_manifest(opened.run, manifest));
  return Measured{.run = opened.run, .interrupted = *end == RunEnd::kInterrupted};
}

Expected<Built> build_for(const Places& places, Plan& plan) {
  LUMOS_TRY(make_inputs_with_progress(places, plan));
  StorageTools tools = LUMOS_TRY(make_storage_tools_with_progress(places, plan));
  return Built{LUMOS_TRY(build_plan(places, plan)).artefacts, std::move(tools)};
}

Expected<Measured> resume(const Places& places, const MeasureRequest& request) {
  Opened opened = LUMOS_TRY(reopen_run(places, request));
  Built built;
  if (!is_fake(request.backend)) {
    built = LUMOS_TRY(build_for(places, opened.plan));
    LUMOS_TRY(check_same_images(opened.plan, built.artefacts, opened.run));
  }
  return conduct_with_progress(places, request, opened, built);
}

}  // namespace

Expected<PlannedRun> read_plan(const Places& places, const fs::path& file, const std::vector<std::string>& overrides,
                               const std::string& tier) {
  KnownNames known{.functions = LUMOS_TRY(FunctionCatalogue::load(places.functions())),
                   .devices = LUMOS_TRY(load_device_profiles(places.profiles() / "devices")),
                   .read_device = [&](const std::string& path) {
                     return read_device_profile(file.parent_path() / path);  // an absolute path stays one
                   }};
  known.links = LUMOS_TRY(load_link_profiles(places.profiles() / "links"));
  RuntimeTable runtimes;
  for (const auto& runtime : known_runtimes()) {
    known.runtimes.push_back(runtime.id);
    runtimes[runtime.id] = {
        .columns = runtime.traits(), .artefact = runtime.artefact, .resident = runtime.program.empty()};
  }
  const std::string text = LUMOS_TRY(read_file(file, 1 << 20));
  Experiment experiment = LUMOS_TRY(parse_experiment(text, file.string(), known, overrides, tier));
  LUMOS_TRY(check_runtimes(experiment, runtimes));
  LUMOS_TRY(read_given_files(experiment, fs::absolute(file).parent_path()));
  PlannedRun planned{expand(experiment, known.functions, runtimes), factors_left_out(experiment, runtimes)};
  for (const auto& sentence : rules_without_effect(planned.plan)) {
    const std::string& position = experiment.stop_position;
    planned.notes.push_back(position + (position.empty() ? "" : ": ") + sentence);
  }
  return planned;
}

namespace {

Expected<BuildResult> build_of(const Places& places, const std::vector<ArtefactId>& wanted,
                               std::map<std::string, fs::path> modules) {
  SystemCommandRunner runner;
  ProgressLine line;
  return build_functions(
      runner, {.functions = places.functions(),
               .home = places.home,
               .wanted = wanted,
               .progress = [&](const std::string& step, int done,
                               int total) { line.show(std::format("building {}/{}: {}", done + 1, total, step)); },
               .modules = std::move(modules)});
}

}  // namespace

Expected<BuildResult> build_with_progress(const Places& places, const std::vector<ArtefactId>& wanted) {
  return build_of(places, wanted, {});
}

Expected<BuildResult> build_plan(const Places& places, const Plan& plan) {
  std::map<std::string, fs::path> modules;
  std::vector<ArtefactId> wanted = LUMOS_TRY(artefacts_of(plan));
  for (const auto& [function, given] : plan.given) {
    if (!given.is_image()) modules[function] = given.module;
  }
  std::erase_if(wanted, [&](const ArtefactId& id) {
    const Given* given = plan.given_of(id.function);
    return given != nullptr && given->is_image();
  });
  BuildResult result = LUMOS_TRY(build_of(places, wanted, std::move(modules)));
  SystemCommandRunner runner;
  for (auto& image : LUMOS_TRY(given_images(runner, plan, places.home))) result.artefacts.push_back(std::move(image));
  return result;
}

Expected<> make_inputs_with_progress(const Places& places, Plan& plan) {
  SystemCommandRunner runner;
  ProgressLine line;
  return make_inputs(runner,
                     {.functions = places.functions(),
                      .home = places.home,
                      .progress = [&](const std::string& step) { line.show("making " + step); }},
                     plan);
}

Expected<StorageTools> make_storage_tools_with_progress(const Places& places, const Plan& plan) {
  SystemCommandRunner runner;
  ProgressLine line;
  auto kinds = storages_of(plan);
  for (const auto& [kind, url] : plan.own_servers) {
    kinds.erase(kind);
    kinds.insert("own");
  }
  return make_storage_tools(runner, {.repository = places.repository,
                                     .home = places.home,
                                     .kinds = std::move(kinds),
                                     .progress = [&](const std::string& tool) { line.show("building " + tool); }});
}

Expected<Measured> measure(const Places& places, const MeasureRequest& request) {
  LUMOS_TRY(check_backend(request.backend));
  if (!request.resume.empty()) return resume(places, request);
  PlannedRun planned = LUMOS_TRY(read_plan(places, request.experiment, request.overrides, request.tier));
  if (request.dry_run) {
    const CostTable costs = LUMOS_TRY(CostTable::load(places.repository / "experiments" / "costs.tsv"));
    std::fputs(plan_text(planned.plan, planned.notes, estimate(planned.plan, costs)).c_str(), stdout);
    return Measured{};
  }
  Built built;
  if (!is_fake(request.backend)) {
    built = LUMOS_TRY(build_for(places, planned.plan));
    LUMOS_TRY(describe_images(planned.plan, built.artefacts));
  }
  Opened opened = LUMOS_TRY(begin_run(places, request, std::move(planned.plan)));
  return conduct_with_progress(places, request, opened, built);
}

}  // namespace lumos
