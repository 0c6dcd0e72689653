#include "workload/expand.h"

#include <algorithm>
#include <ranges>

#include "base/file.h"

namespace lumos {
namespace {

using Json = nlohmann::ordered_json;

RuntimeTraits traits_of(const std::string& runtime, const RuntimeTable& runtimes) {
  const auto found = runtimes.find(runtime);
  return found == runtimes.end() ? RuntimeTraits{} : found->second;
}

// How an invocation begins: warm, or cold with its files in one state of the cache. In a load each begins as it may.
struct Beginning {
  std::optional<Start> start;
  std::optional<CacheState> cache, runtime_cache;  // of a cold one

  Json factors() const {
    const auto word = [](std::optional<CacheState> state) { return state ? Json(name_of(*state)) : Json(nullptr); };
    const Json start_word = start ? Json(name_of(*start)) : Json(nullptr);
    return {{"start", start_word}, {"cache", word(cache)}, {"runtime_cache", word(runtime_cache)}};
  }
};

std::vector<Beginning> beginnings_of(const Experiment& e, bool resident) {
  const std::vector<CacheState> in_memory{CacheState::kMemory};
  if (e.has_windows()) return {Beginning{}};
  std::vector<Beginning> beginnings;
  for (const Start start : e.start) {
    if (start != Start::kCold) {
      beginnings.push_back({.start = start});
      continue;
    }
    for (const CacheState cache : e.cache) {
      for (const CacheState runtime_cache : resident ? in_memory : e.runtime_cache)
        beginnings.push_back({.start = start, .cache = cache, .runtime_cache = runtime_cache});
    }
  }
  return beginnings;
}

// Of a load; of one request after the other they are those of a closed load of one user.
Json load_factors(const std::optional<CellLoad>& load) {
  if (!load || !load->open) {
    const std::int64_t concurrency = load ? load->concurrency : 1;
    return {{"load", "closed"}, {"concurrency", concurrency}, {"rate", nullptr}, {"arrivals", nullptr}};
  }
  const auto number = Json::parse(load->rate, nullptr, false);
  Json rate = load->rate.empty() ? Json(nullptr) : number.is_number() ? number : Json(load->rate);
  return {{"load", "open"}, {"concurrency", nullptr}, {"rate", std::move(rate)}, {"arrivals", load->arrivals}};
}

// A cell of the deployment without its identity; the order of the factors is that of every file and table.
Cell cell_of(const Function& function, const Json& payload, const Deployment& deployment, const Beginning& beginning,
             const std::string& neighbour, const std::string& format, const std::optional<CellLoad>& load,
             const std::string& link_client) {
  Cell cell;
  cell.deployment = deployment.id;
  cell.factors = {{"function", function.name}, {"payload", payload}, {"runtime", deployment.runtime}};
  cell.factors.update(beginning.factors());
  cell.factors.update(factors_of(deployment.variant));
  cell.factors.update(Json{{"device", deployment.device.name}, {"neighbour", neighbour}});
  cell.factors.update(Json{{"storage", nullptr}, {"connection", nullptr}});  // their places
  cell.factors["format"] = format;
  cell.factors.update(load_factors(load));
  cell.factors.update(scaling_factors(load ? &deployment.scaling : nullptr));
  cell.factors["link_client"] = link_client;
  cell.factors.update(factors_of(deployment.environment));
  cell.start = beginning.start.value_or(Start::kWarm);
  cell.load = load;
  cell.expected_digest = expected_digest(function, payload);
  return cell;
}

// The content type of a format of the experiment.
std::string content_type_of(const std::string& format) {
  return format == "protobuf" ? "application/x-protobuf" : "application/" + format;
}

// The number of the input that these share, which is made where there is none yet. What JSON says in one field is said
// here; the rest waits for the build.
std::int64_t input_of(std::vector<Input>& inputs, const Function& function, const Json& payload,
                      const std::string& storage, const std::string& format) {
  const bool stored = storage != "inline";
  const auto found = std::ranges::find_if(inputs, [&](const Input& i) {
    return i.function == function.name && i.payload == payload && i.format == format && i.stored == stored;
  });
  if (found != inputs.end()) return found->id;
  Input input{.id = static_cast<std::int64_t>(inputs.size()),
              .function = function.name,
              .payload = payload,
              .format = format,
              .stored = stored,
              .content_type = content_type_of(format)};
  if (const auto body = request_body(function, payload, format)) {
    input.body = *body;
    input.made = true;
    input.payload_bytes = static_cast<std::int64_t>(body->size());
    input.payload_hash = "sha256:" + sha256(*body);
  }
  inputs.push_back(std::move(input));
  return inputs.back().id;
}

bool is_server(const std::string& storage) { return storage == "redis" || storage == "s3"; }

// Whether a start of the deployment may begin so: it pulls what the deployment pulls.
bool fits(const Environment& environment, const Beginning& beginning) {
  const bool pulled = beginning.cache && is_pulled(*beginning.cache);
  return environment.pulled == (pulled ? beginning.cache : std::nullopt);
}

// Each environment once for starts that find the image on the node, and once for each way in which others pull it.
std::vector<Environment> with_pulls(const std::vector<Environment>& environments, const Experiment& e) {
  const bool cold = std::ranges::contains(e.start, Start::kCold) && !e.has_windows();
  const bool on_node = !cold || e.start.size() > 1 || !std::ranges::all_of(e.cache, is_pulled);
  std::vector<Environment> result;
  for (const auto& environment : environments) {
    if (on_node) result.push_back(environment);
    for (const CacheState cache : e.cache) {
      for (const auto& link : e.link_registry) {
        if (!cold || !is_pulled(cache)) continue;
        result.push_back(environment);
        result.back().pulled = cache;
        result.back().link_registry = link;
      }
    }
  }
  return result;
}

// A function without object has nothing to store.
std::vector<Environment> environments_of(const Function& function, const Experiment& experiment) {
  if (!function.stored) return {Environment{}};
  std::vector<Environment> environments;
  for (const auto& storage : experiment.storage) {
    if (!is_server(storage)) environments.push_back({.storage = storage});
    if (!is_server(storage)) continue;
    for (const auto& [connection, link] : std::views::cartesian_product(experiment.connection, experiment.link_storage))
      environments.push_back({.storage = storage, .connection = connection, .link_storage = link});
  }
  return environments;
}

// Of the experiment's, those that the function reads.
std::vector<std::string> formats_of(const Function& function, const Experiment& experiment) {
  std::vector<std::string> formats = experiment.format;
  std::erase_if(formats, [&](const std::string& format) { return !function.reads(format); });
  return formats;
}

// What is left of the cross product of the build's factors for one kind of artefact, each variant once.
std::vector<Variant> variants_of(ArtefactKind kind, const Experiment& e) {
  std::vector<Variant> variants;
  for (const auto& [base, isa, simd, level] : std::views::cartesian_product(e.base, e.isa, e.wasm_simd, e.aot_level)) {
    const Variant variant =
        variant_of(kind, {.base = base, .isa = isa, .wasm_simd = bool(simd), .aot_level = static_cast<int>(level)});
    if (!std::ranges::contains(variants, variant)) variants.push_back(variant);
  }
  return variants;
}

// The deployments of one function: one per runtime, variant, device, scaling and environment.
std::vector<Deployment> deployments_of(const Function& function, const Experiment& experiment,
                                       const RuntimeTable& runtimes, std::int64_t first_id) {
  std::vector<Deployment> deployments;
  const auto environments = with_pulls(environments_of(function, experiment), experiment);
  // A load is scaled as the experiment says; one request after the other is served on demand.
  const auto scalings = experiment.has_windows() ? experiment.scaling.all() : std::vector<Scaling>{{}};
  for (const auto& runtime : experiment.runtimes) {
    const RuntimeTraits traits = traits_of(runtime, runtimes);
    const auto variants = variants_of(traits.artefact, experiment);
    for (const auto& [variant, device, scaling, environment] :
         std::views::cartesian_product(variants, experiment.device, scalings, environments)) {
      deployments.push_back({.id = first_id++,
                             .function = function.name,
                             .runtime = runtime,
                             .variant = variant,
                             .device = device,
                             .scaling = scaling,
                             .environment = environment,
                             .traits = traits.columns});
    }
  }
  return deployments;
}

// --- what is given

// As far as it can be asked of what is given: a command has cold starts only, and no build is Lumos's choice.
Experiment narrowed(Experiment experiment, const Given& given, const RuntimeTable& runtimes) {
  std::erase_if(experiment.runtimes,
                [&](const std::string& runtime) { return !runs_on(given, traits_of(runtime, runtimes)); });
  if (given.command) experiment.start = {Start::kCold};
  experiment.base = {Base::kScratch};
  experiment.wasm_simd = {false};
  if (given.is_image()) experiment.isa = {Isa::kBaseline};
  return experiment;
}

std::vector<Deployment> deployments_of_given(const Experiment::FunctionFactor& function, const Experiment& experiment,
                                             const RuntimeTable& runtimes, std::int64_t first_id) {
  auto deployments = deployments_of(Function{.name = function.name}, experiment, runtimes, first_id);
  for (auto& d : deployments) {
    d.variant.wasm_simd.reset();
    if (function.given->given.is_image()) d.variant.isa.reset();
  }
  return deployments;
}

Input input_of_given(const Experiment::FunctionFactor& function, std::int64_t id) {
  const GivenFunction& given = *function.given;
  return {.id = id,
          .function = function.name,
          .payload = nullptr,
          .format = "",
          .content_type = given.content_type,
          .body = given.body,
          .made = true,
          .payload_bytes = static_cast<std::int64_t>(given.body.size()),
          .payload_hash = "sha256:" + sha256(given.body)};
}

void expand_given(Plan& plan, const Experiment::FunctionFactor& function, const Experiment& asked,
                  const RuntimeTable& runtimes) {
  const Experiment experiment = narrowed(asked, function.given->given, runtimes);
  const auto deployments =
      deployments_of_given(function, experiment, runtimes, static_cast<std::int64_t>(plan.deployments.size()));
  plan.given[function.name] = function.given->given;
  plan.inputs.push_back(input_of_given(function, static_cast<std::int64_t>(plan.inputs.size())));
  for (const auto& deployment : deployments) {
    const auto beginnings = beginnings_of(experiment, traits_of(deployment.runtime, runtimes).resident);
    for (const auto& [beginning, neighbour, load, link_client] :
         std::views::cartesian_product(beginnings, experiment.neighbour, experiment.loads, experiment.link_client)) {
      if (!fits(deployment.environment, beginning)) continue;
      Cell cell =
          cell_of(Function{.name = function.name}, nullptr, deployment, beginning, neighbour, "", load, link_client);
      for (const char* factor : {"storage", "connection", "format"}) cell.factors[factor] = nullptr;
      if (function.given->given.is_image()) cell.factors["base"] = nullptr;
      cell.expected_digest = function.given->digest;
      cell.input = plan.inputs.back().id;
      cell.id = static_cast<std::int64_t>(plan.cells.size());
      plan.cells.push_back(std::move(cell));
    }
  }
  plan.deployments.insert(plan.deployments.end(), deployments.begin(), deployments.end());
}

}  // namespace

bool runs_on(const Given& given, const RuntimeTraits& runtime) {
  return given.is_image() == (runtime.artefact == ArtefactKind::kNative);
}

Expected<> check_runtimes(const Experiment& experiment, const RuntimeTable& runtimes) {
  for (const auto& function : experiment.functions) {
    if (!function.given) continue;
    const Given& given = function.given->given;
    const auto runs = [&](const std::string& runtime) { return runs_on(given, traits_of(runtime, runtimes)); };
    if (std::ranges::any_of(experiment.runtimes, runs)) continue;
    std::string able;
    for (const auto& [name, traits] : runtimes) {
      if (runs_on(given, traits)) able += (able.empty() ? "" : ", ") + name;
    }
    return fail_at(function.given->source, "'{}' is {}, which none of 'runtimes' runs; these do: {}", function.name,
                   given.is_image() ? "an image" : "a module", able);
  }
  return {};
}

Plan expand(const Experiment& experiment, const FunctionCatalogue& catalogue, const RuntimeTable& runtimes) {
  Plan plan{.name = experiment.name,
            .seed = experiment.seed,
            .stop = experiment.stop,
            .series = experiment.series,
            .probes = experiment.probes,
            .density = experiment.density,
            .links = experiment.links,
            .own_servers = experiment.own_servers};
  for (const auto& factor : experiment.functions) {
    if (factor.given) {
      expand_given(plan, factor, experiment, runtimes);
      continue;
    }
    const auto& [name, payloads, given] = factor;
    const Function* function = catalogue.find(name);
    LUMOS_CHECK(function != nullptr);
    const auto deployments =
        deployments_of(*function, experiment, runtimes, static_cast<std::int64_t>(plan.deployments.size()));
    const auto formats = formats_of(*function, experiment);
    for (const auto& [payload, deployment] : std::views::cartesian_product(payloads, deployments)) {
      const auto beginnings = beginnings_of(experiment, traits_of(deployment.runtime, runtimes).resident);
      for (const auto& [beginning, neighbour, format, load, link_client] : std::views::cartesian_product(
               beginnings, experiment.neighbour, formats, experiment.loads, experiment.link_client)) {
        if (!fits(deployment.environment, beginning)) continue;
        Cell cell = cell_of(*function, payload, deployment, beginning, neighbour, format, load, link_client);
        cell.input = input_of(plan.inputs, *function, payload, deployment.environment.storage, format);
        cell.id = static_cast<std::int64_t>(plan.cells.size());
        plan.cells.push_back(std::move(cell));
      }
    }
    plan.deployments.insert(plan.deployments.end(), deployments.begin(), deployments.end());
  }
  return plan;
}

std::vector<std::string> factors_left_out(const Experiment& experiment, const RuntimeTable& runtimes) {
  using Kinds = std::initializer_list<ArtefactKind>;
  std::vector<std::string> sentences;
  const auto add_for = [&](bool set, const auto& is_without, std::string_view factor, std::string_view why) {
    std::string names;
    for (const auto& runtime : experiment.runtimes) {
      if (is_without(traits_of(runtime, runtimes))) names += (names.empty() ? "" : ", ") + runtime;
    }
    if (set && !names.empty()) sentences.push_back(std::format("{} does not apply to {}: {}", factor, names, why));
  };
  const auto add = [&](bool set, Kinds without, std::string_view factor, std::string_view why) {
    add_for(set, [&](const RuntimeTraits& t) { return std::ranges::contains(without, t.artefact); }, factor, why);
  };
  for (const auto& function : experiment.functions) {
    if (!function.given) continue;
    const Given& given = function.given->given;
    add_for(
        true, [&](const RuntimeTraits& t) { return !runs_on(given, t); }, function.name,
        given.is_image() ? "it is an image" : "it is a module");
    if (given.command && std::ranges::contains(experiment.start, Start::kWarm))
      sentences.push_back(function.name + " has cold starts only: it is a command, which ends with its answer");
  }
  const Experiment defaults;
  using enum ArtefactKind;
  const bool windows = experiment.has_windows();
  const bool cold = std::ranges::contains(experiment.start, Start::kCold) && !windows;
  const bool runtime_cache = experiment.runtime_cache != defaults.runtime_cache;
  if (windows && experiment.start != defaults.start)
    sentences.emplace_back("start does not apply to a load: how each request found its instance is counted");
  if (!cold && (experiment.cache != defaults.cache || runtime_cache))
    sentences.emplace_back(windows ? "cache and runtime_cache do not apply to a load"
                                   : "cache and runtime_cache do not apply to warm starts");
  if (!windows && experiment.scaling != defaults.scaling)
    sentences.emplace_back("scaling does not apply: without a load there is one request at a time");
  add_for(
      cold && runtime_cache, [](const RuntimeTraits& t) { return t.resident; }, "runtime_cache",
      "it is Lumos itself, which is in memory");
  add(experiment.base != defaults.base, {kWasm, kAot}, "base",
      "a module needs nothing below it, its image stands on scratch");
  add(experiment.isa != defaults.isa, {kWasm}, "isa", "an interpreted module has no machine code");
  add(experiment.wasm_simd != defaults.wasm_simd, {kNative}, "wasm_simd", "it is no module");
  add(experiment.aot_level != defaults.aot_level, {kNative, kWasm}, "aot_level", "it is not compiled ahead of time");
  if (experiment.link_registry != defaults.link_registry &&
      (!cold || std::ranges::none_of(experiment.cache, is_pulled)))
    sentences.emplace_back("links.registry does not apply: no start pulls its image");
  if (experiment.link_storage != defaults.link_storage && std::ranges::none_of(experiment.storage, is_server))
    sentences.emplace_back("links.storage does not apply: no storage is a server");
  if (experiment.connection != defaults.connection && std::ranges::none_of(experiment.storage, is_server))
    sentences.emplace_back("connection does not apply: no storage is a server");
  return sentences;
}

}  // namespace lumos
