#include "control/experiment/local_run.h"

#include <sys/resource.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "control/backend/local.h"
#include "control/build/given_image.h"
#include "control/environment/device.h"
#include "control/environment/registry_server.h"
#include "control/environment/stressor.h"
#include "control/experiment/run_links.h"
#include "control/experiment/run_registry.h"
#include "control/experiment/storage_surroundings.h"
#include "control/gateway/gateway.h"
#include "control/load/generator.h"
#include "control/runtime/registry.h"
#include "host/placement.h"
#include "telemetry/kernel_text.h"

namespace lumos {
namespace {

// 100 Hz: the counters themselves move every 4 to 8 ms.
constexpr Nanoseconds kSeriesPeriod = std::chrono::milliseconds(10);

Expected<RuntimeInfo> runtime_of(const Deployment& d) {
  for (const auto& runtime : known_runtimes()) {
    if (runtime.id == d.runtime) return runtime;
  }
  return fail(ErrorCode::kUsage, "function {}: this program knows no runtime '{}'", d.function, d.runtime);
}

Expected<ArtefactId> artefact_id_of(const Deployment& d) {
  return ArtefactId{d.function, LUMOS_TRY(runtime_of(d)).artefact, d.variant};
}

Expected<const Artefact*> artefact_of(const Deployment& d, const std::vector<Artefact>& artefacts) {
  const ArtefactId id = LUMOS_TRY(artefact_id_of(d));
  if (const Artefact* a = find_artefact(artefacts, id)) return a;
  return fail(ErrorCode::kInternal, "{}: was not built", label_of(id));
}

// Whether what instances will execute is what the build put into the image; of somebody else's image, whether its files
// are those that were unpacked.
std::optional<bool> is_as_built(const Artefact& artefact) {
  if (artefact.process && artefact.file_digest.empty()) return std::nullopt;  // it holds files too large to look at
  if (artefact.process) return sha256_of_tree(artefact.root()).value_or("") == artefact.file_digest;
  const auto executed = read_file(artefact.root() / artefact.file_name());
  return executed && sha256(*executed) == artefact.file_digest;
}

LaunchSpec spec_of(const Deployment& d, const Artefact& a, const Given* given) {
  LaunchSpec spec{.runtime = d.runtime, .image = a.root(), .argv = a.argv()};
  if (given == nullptr) return spec;
  spec.environment = given->environment;
  spec.port = given->port;
  spec.command = given->command;
  if (!a.process) return spec;
  spec.environment.insert(spec.environment.end(), a.process->environment.begin(), a.process->environment.end());
  spec.environment.emplace_back("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  spec.folder = a.process->folder;
  spec.uid = a.process->uid;
  spec.gid = a.process->gid;
  return spec;
}

std::map<std::size_t, InstanceDoor> doors_of(const Plan& plan) {
  std::map<std::size_t, InstanceDoor> doors;
  for (const auto& d : plan.deployments) {
    if (const Given* given = plan.given_of(d.function))
      doors[static_cast<std::size_t>(d.id)] = {.port = given->port, .ready = given->ready};
  }
  return doors;
}

constexpr std::int64_t kLeastMemory = 32 << 20;  // of an instance that is asked for: an engine and a small function
constexpr std::int64_t kUsualMemory = 128 << 20;
constexpr std::int64_t kUnasked = 64, kAlone = 2;

// Places for instances at one time. Deployments are measured one at a time: as many as the largest may have. Where
// invocations come one at a time two are enough: one ends while the next begins. One without bound gets what the memory
// holds.
Expected<int> slots_for(const Plan& plan) {
  const std::int64_t memory =
      number_after(read_kernel_file("/proc/meminfo"), "MemAvailable:").value_or(kAlone * kUsualMemory / 1024) * 1024;
  std::int64_t slots = kAlone;
  for (const auto& cell : plan.cells) {
    const Deployment& d = plan.deployments.at(static_cast<std::size_t>(cell.deployment));
    if (cell.factors.value("routing", nlohmann::ordered_json()).is_null()) continue;
    const std::int64_t asked = std::max({d.scaling.max_scale, d.scaling.min_scale, d.scaling.initial_scale});
    if (asked * kLeastMemory > memory)
      return fail(
          ErrorCode::kEnvironment,
          "function {}: {} instances at one time need {} MiB of memory, and {} MiB are available: ask for fewer "
          "in 'scaling'",
          d.function, asked, asked * kLeastMemory >> 20, memory >> 20);
    const std::int64_t unasked = std::clamp(memory / kUsualMemory, kAlone, kUnasked);
    slots = std::max({slots, asked, d.scaling.max_scale == 0 ? unasked : 0});
  }
  return static_cast<int>(slots);
}

// A client of the gateway is a descriptor of it.
void allow_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

// Each cold cell whose runtime has an engine gets a twin, which no record of the run knows: its deployment is started
// under the probe, and being another one, the gateway never serves one's requests by the other's instances.
Expected<Plan> with_twins(const Plan& plan, LocalConfig& config) {
  Plan offered = plan;
  for (const auto& cell : plan.cells) {
    const auto& deployment = plan.deployments.at(static_cast<std::size_t>(cell.deployment));
    const RuntimeInfo runtime = LUMOS_TRY(runtime_of(deployment));
    if (cell.start != Start::kCold || runtime.library.empty()) continue;
    Cell twin = cell;
    twin.id = static_cast<std::int64_t>(offered.cells.size());
    twin.deployment = static_cast<std::int64_t>(offered.deployments.size());
    offered.deployments.push_back(deployment);
    offered.deployments.back().id = twin.deployment;
    config.launcher.specs.push_back(config.launcher.specs.at(static_cast<std::size_t>(cell.deployment)));
    config.launcher.specs.back().probed = true;
    offered.cells.push_back(twin);
    config.twins.emplace(cell.id, std::move(twin));
  }
  return offered;
}

Expected<> put_on_device(LaunchSpec& spec, const Device& device, const std::vector<int>& cores) {
  ImposedDevice imposed = LUMOS_TRY(device_on_machine(device, cores, spec.image));
  spec.limits.group = std::move(imposed.limits);
  spec.cores = std::move(imposed.cores);
  return {};
}

Neighbour neighbour_of(const Cell& cell) {
  return parse_neighbour(cell.factors.value("neighbour", "none")).value_or(Neighbour{});
}

// What is returned ends it, called or not.
Expected<std::function<NeighbourUse()>> begin_neighbour(const Cell& cell, const StressorPlace& place) {
  const std::shared_ptr<Stressor> stressor = LUMOS_TRY(Stressor::start(neighbour_of(cell), place));
  return [stressor] { return stressor->use(); };
}

// What this machine has not for a neighbour ends the run before it begins.
Expected<> try_neighbours(const Plan& plan, const StressorPlace& place) {
  std::set<NeighbourKind> tried;
  for (const auto& cell : plan.cells) {
    if (tried.insert(neighbour_of(cell).kind).second) LUMOS_TRY(Stressor::start(neighbour_of(cell), place));
  }
  return {};
}

// What the kernel does not take ends the run before it begins.
Expected<> try_devices(const Plan& plan, const LauncherConfig& launcher) {
  std::set<std::string> tried;
  for (const auto& d : plan.deployments) {
    if (!d.device.emulated() || !tried.insert(d.device.name).second) continue;
    const auto& limits = launcher.specs.at(static_cast<std::size_t>(d.id)).limits.group;
    const auto taken = try_limits(launcher.cgroups, launcher.cgroup + "/tried", limits);
    if (!taken) return fail(taken.error().code, "device {}: {}", d.device.name, taken.error().message);
  }
  return {};
}

// How each deployment is launched, in the order of their ids, and where its files are. Returns its artefact.
Expected<std::vector<const Artefact*>> add_deployments(LocalConfig& config, const Plan& plan,
                                                       const std::vector<Artefact>& artefacts, const LocalRun& run,
                                                       const RunLinks& links) {
  SystemCommandRunner runner;
  std::vector<const Artefact*> by_deployment;
  for (const auto& d : plan.deployments) {
    const Artefact* a = LUMOS_TRY(artefact_of(d, artefacts));
    const RuntimeInfo runtime = LUMOS_TRY(runtime_of(d));
    config.files.push_back(LUMOS_TRY(start_files(runner, a->root(), runtime)));
    by_deployment.push_back(a);
    LaunchSpec spec = spec_of(d, *a, plan.given_of(d.function));
    LUMOS_TRY(put_on_device(spec, d.device, config.launcher.cores));
    if (d.environment.pulled) {
      config.files.back().pulled = LUMOS_TRY(pulled_layers(d, *a, run.home));
      spec.pull = pull_source(d, *a, links.registry_address(d.environment));
    }
    config.launcher.specs.push_back(std::move(spec));
  }
  return by_deployment;
}

GatewayConfig gateway_of(const LocalConfig& config, const Plan& plan, const Plan& offered, const LocalRun& run) {
  std::vector<Scaling> scalings;
  for (const auto& d : offered.deployments) scalings.push_back(d.scaling);
  return {.deployments = std::move(scalings),
          .max_instances = config.launcher.slots,
          .instance_port = kFunctionPort,
          .doors = doors_of(offered),
          .first_instance = run.first_instance,
          .timeout = plan.stop.timeout,
          .cgroups = config.launcher.cgroups,
          .cores = config.placement.gateway.cores,
          .series_period = plan.series ? kSeriesPeriod : Nanoseconds(0)};
}

std::unique_ptr<Surroundings> surroundings_of(const LocalConfig& config, const Plan& plan, const Plan& offered,
                                              const LocalRun& run, const RunLinks& links) {
  std::vector<Environment> environments;
  for (const auto& d : offered.deployments) environments.push_back(d.environment);
  return make_storage_surroundings(plan, std::move(environments),
                                   {.client = run.tools.client,
                                    .s3_server = run.tools.s3_server,
                                    .logs = run.log.parent_path(),
                                    .cores = config.placement.storage.cores,
                                    .cgroups = config.launcher.cgroups,
                                    .cgroup = config.launcher.cgroup,
                                    .ways = links.storage_addresses()});
}

Expected<std::unique_ptr<LocalBackend>> start(const Plan& plan, const std::vector<Artefact>& artefacts,
                                              const LocalRun& run, Fd asked_at) {
  const CgroupTree cgroups = LUMOS_TRY(CgroupTree::find());
  LUMOS_TRY(remove_leftovers(cgroups, run.home / "living"));
  LocalConfig config{.plan = &plan, .log = run.log, .placement = plan_placement(allowed_cores())};
  config.listener = std::move(asked_at);
  config.launcher = {.cgroups = cgroups, .cores = config.placement.instances.cores};
  config.launcher.pull_timeout = plan.stop.timeout;
  const auto links = std::make_shared<RunLinks>(plan);
  const auto by_deployment = LUMOS_TRY(add_deployments(config, plan, artefacts, run, *links));
  const Plan offered = LUMOS_TRY(with_twins(plan, config));
  config.gateway_address = links->gateway_address();
  config.launcher.slots = LUMOS_TRY(slots_for(plan));
  RunMark mark = LUMOS_TRY(RunMark::claim(run.home / "living"));
  config.launcher.cgroup = mark.cgroup();
  config.launcher.tag = mark.tag();
  const StressorPlace beside{.cores = config.placement.instances.cores,
                             .cgroups = cgroups,
                             .cgroup = mark.cgroup() + "/neighbour",
                             .folder = run.home};
  config.begin_neighbour = [beside](const Cell& cell) { return begin_neighbour(cell, beside); };
  auto tried = try_devices(plan, config.launcher);
  if (tried) tried = try_neighbours(plan, beside);
  if (!tried) {
    if (remove_cgroup(cgroups, mark.cgroup())) mark.release();
    return std::unexpected(tried.error());
  }
  config.surroundings = surroundings_of(config, plan, offered, run, *links);
  const auto content = std::make_shared<RunContent>(run.home, mark.tag());
  put_stores_below(content->folder(), config);
  config.kept = std::make_shared<std::pair<std::shared_ptr<RunLinks>, std::shared_ptr<RunContent>>>(links, content);
  SystemCommandRunner runner;
  const LocalProcesses processes{
      .gateway =
          [gateway = gateway_of(config, plan, offered, run)](Fd listener, Channel conductor, Channel launcher) {
            allow_descriptors();
            return run_gateway(gateway, std::move(listener), std::move(conductor), std::move(launcher));
          },
      .generator =
          [&, cores = config.placement.generator.cores](int port, Channel conductor) {
            return run_generator(
                {.plan = &offered, .port = port, .cores = cores, .links = links->gateway_by_link(port)},
                std::move(conductor));
          },
      .companions = [&, place = config.placement.links,
                     storage = config.placement.storage.cores](const ForkProcess& fork) -> Expected<> {
        if (!pulls(plan)) return links->make(runner, fork, place, -1);
        const Fd registry = LUMOS_TRY(make_registry_network(runner));
        LUMOS_TRY(start_registry(fork, registry.get(), content->folder() / "registry", storage));
        LUMOS_TRY(fill_registry(plan, by_deployment));
        return links->make(runner, fork, place, registry.get());
      },
      .begin = [&] { links->begin(); },
      .describe = [&] { return links->describe(); }};
  return LUMOS_TRY(LocalBackend::start(std::move(config), processes, std::move(mark)));
}

}  // namespace

Expected<std::vector<ArtefactId>> artefacts_of(const Plan& plan) {
  std::vector<ArtefactId> ids;
  for (const auto& d : plan.deployments) ids.push_back(LUMOS_TRY(artefact_id_of(d)));
  return ids;
}

Expected<std::vector<Artefact>> given_images(CommandRunner& runner, const Plan& plan,
                                             const std::filesystem::path& home) {
  std::vector<Artefact> images;
  for (const auto& d : plan.deployments) {
    const Given* given = plan.given_of(d.function);
    const ArtefactId id = LUMOS_TRY(artefact_id_of(d));
    if (given == nullptr || !given->is_image() || find_artefact(images, id) != nullptr) continue;
    auto image = unpack_image(runner, given->image, given->tag, id, home);
    if (!image && !given->reference.empty())
      return fail(image.error().code, "image {} ({}): {}", given->reference, given->digest, image.error().message);
    images.push_back(LUMOS_TRY(std::move(image)));
  }
  return images;
}

Expected<> describe_images(Plan& plan, const std::vector<Artefact>& artefacts) {
  for (auto& d : plan.deployments) {
    const Artefact* a = LUMOS_TRY(artefact_of(d, artefacts));
    d.image_digest = a->digest;
    d.image_bytes = a->image_bytes;
    d.unique_bytes = a->unique_bytes;
    d.unpacked_bytes = a->unpacked_bytes;
    if (!a->process) d.artefact_bytes = a->bytes;
    d.image_verified = is_as_built(*a);
  }
  return {};
}

Expected<std::unique_ptr<Backend>> start_local_backend(const Plan& plan, const std::vector<Artefact>& artefacts,
                                                       const LocalRun& run) {
  return LUMOS_TRY(start(plan, artefacts, run, Fd()));
}

Expected<> serve_local(const Plan& plan, const std::vector<Artefact>& artefacts, const LocalRun& run, Fd listener,
                       const ServeHooks& hooks) {
  const auto backend = LUMOS_TRY(start(plan, artefacts, run, std::move(listener)));
  hooks.begun();
  while (!hooks.interrupted()) LUMOS_TRY(backend->watch(std::chrono::milliseconds(200), hooks.ended));
  LUMOS_TRY(backend->retire(0));
  return {};
}

}  // namespace lumos
