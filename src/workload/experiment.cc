#include "workload/experiment.h"

#include <filesystem>
#include <limits>
#include <utility>

#include "base/suggest.h"
#include "record/neighbour.h"
#include "workload/experiment_links.h"
#include "workload/experiment_load.h"
#include "workload/override.h"
#include "workload/yaml_read.h"
#include "workload/yaml_text.h"

namespace lumos {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kNameLimit = 64;
constexpr std::int64_t kMostSideBySide = 64;
constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

// The file's name without folder and extension, in the characters of a name.
std::string default_name(const std::string& file_name) {
  std::string name = std::filesystem::path(file_name).stem().string().substr(0, kNameLimit);
  for (char& c : name) c = kNameCharacters.contains(c) ? c : '-';
  return name.empty() ? "experiment" : name;
}

Expected<std::string> read_name(const YamlNode& node) {
  std::string name = LUMOS_TRY(read_text(node, "'name'"));
  if (!name.empty() && name.size() <= kNameLimit && name.find_first_not_of(kNameCharacters) == std::string::npos) {
    return name;
  }
  return fail_at(node.mark, "'name' must be 1 to {} letters, digits, '-' or '_', not {}", kNameLimit, found(node));
}

// `payload` is nullptr when the file gives none.
Expected<std::vector<nlohmann::ordered_json>> read_payloads(const YamlNode* payload, const Function& function) {
  const bool missing = payload == nullptr || (!function.payload && payload->kind == YamlNode::Kind::kNull);
  if (!function.payload) {
    if (missing) return std::vector<nlohmann::ordered_json>{nullptr};
    return fail_at(payload->mark, "function '{}' takes no payload", function.name);
  }
  if (missing) return std::vector<nlohmann::ordered_json>{function.payload->default_value};
  const std::string what = std::format("'payload' of function '{}'", function.name);
  std::vector<std::int64_t> values;
  for (const YamlNode* item : LUMOS_TRY(read_items(*payload, what))) {
    const auto value = LUMOS_TRY(read_integer(*item, what, function.payload->min, function.payload->max));
    LUMOS_TRY(push_unique(values, value, *item, what));
  }
  return std::vector<nlohmann::ordered_json>(values.begin(), values.end());
}

// {name: shop, image: oci:./shop}: what is there already.
Expected<Experiment::FunctionFactor> read_given_factor(const YamlNode& node, const FunctionCatalogue& catalogue) {
  const YamlNode* name = node.find("name");
  if (name == nullptr)
    return fail_at(node.mark, "a function must have a 'name', such as {{name: mine, image: oci:DIR}}");
  Experiment::FunctionFactor factor{.name = LUMOS_TRY(read_name(*name)), .payloads = {nullptr}};
  if (catalogue.find(factor.name) != nullptr)
    return fail_at(name->mark, "'{}' is one of Lumos's own functions: call yours otherwise", factor.name);
  factor.given = LUMOS_TRY(read_given(node, factor.name));
  return factor;
}

// {name: fibonacci, payload: [10000, 1000000]}, or the name alone.
Expected<Experiment::FunctionFactor> read_function(const YamlNode& node, const FunctionCatalogue& catalogue) {
  static const Words kKeys{"name", "payload"};
  if (is_given(node)) return read_given_factor(node, catalogue);
  const YamlNode* name = &node;
  if (node.kind != YamlNode::Kind::kScalar) {
    LUMOS_TRY(check_map(node, "a function", kKeys));
    name = node.find("name");
    if (name == nullptr) return fail_at(node.mark, "a function must have a 'name', such as {{name: noop}}");
  }
  Experiment::FunctionFactor factor;
  factor.name = LUMOS_TRY(read_word(*name, "function", catalogue.names()));
  factor.payloads = LUMOS_TRY(read_payloads(node.find("payload"), *catalogue.find(factor.name)));
  return factor;
}

Expected<std::vector<Experiment::FunctionFactor>> read_functions(const YamlNode& node,
                                                                 const FunctionCatalogue& catalogue) {
  std::vector<Experiment::FunctionFactor> functions;
  for (const YamlNode* item : LUMOS_TRY(read_items(node, "'functions'"))) {
    Experiment::FunctionFactor function = LUMOS_TRY(read_function(*item, catalogue));
    if (std::ranges::contains(functions, function.name, &Experiment::FunctionFactor::name)) {
      return fail_at(item->mark, "'functions' lists '{}' twice: give one entry a list of payloads", function.name);
    }
    functions.push_back(std::move(function));
  }
  return functions;
}

// A factor whose values are words. `later` are words that will be known one day.
Expected<Words> read_words(const YamlNode& node, std::string_view noun, const std::string& key, const Words& known,
                           const Words& later = {}) {
  const std::string what = std::format("'{}'", key);
  Words words;
  for (const YamlNode* item : LUMOS_TRY(read_items(node, what))) {
    if (item->kind == YamlNode::Kind::kScalar && std::ranges::contains(later, item->scalar)) {
      return fail_at(item->mark, "{} '{}' is not available yet; available: {}", noun, item->scalar, listed(known));
    }
    std::string word = LUMOS_TRY(read_word(*item, noun, known));
    LUMOS_TRY(push_unique(words, std::move(word), *item, what));
  }
  return words;
}

Expected<std::vector<Start>> read_starts(const YamlNode& node) {
  static const Words kStarts{std::string(name_of(Start::kCold)), std::string(name_of(Start::kWarm))};
  std::vector<Start> starts;
  for (const auto& word : LUMOS_TRY(read_words(node, "start", "start", kStarts))) {
    starts.push_back(*parse_name<Start>(word));
  }
  return starts;
}

// A factor whose values are all the words of an enum. `later` are words that will be known one day.
template <typename E>
Expected<std::vector<E>> read_names(const YamlNode& node, const std::string& key, const Words& later = {}) {
  Words known;
  for (const auto& [value, name] : Names<E>::kTable) known.emplace_back(name);
  std::vector<E> values;
  for (const auto& word : LUMOS_TRY(read_words(node, key, key, known, later))) values.push_back(*parse_name<E>(word));
  return values;
}

// A runtime is installed on its node: it is not pulled.
Expected<std::vector<CacheState>> read_runtime_caches(const YamlNode& node) {
  std::vector<CacheState> states;
  for (const auto& word : LUMOS_TRY(read_words(node, "runtime_cache", "runtime_cache", {"memory", "disk"})))
    states.push_back(*parse_name<CacheState>(word));
  return states;
}

// Where cold starts find their files.
Expected<> read_caches(const YamlNode& root, Experiment& experiment) {
  if (const auto* cache = root.find("cache")) experiment.cache = LUMOS_TRY(read_names<CacheState>(*cache, "cache"));
  if (const auto* cache = root.find("runtime_cache")) experiment.runtime_cache = LUMOS_TRY(read_runtime_caches(*cache));
  return {};
}

Expected<std::vector<bool>> read_simd(const YamlNode& node) {
  std::vector<bool> values;
  for (const auto& word : LUMOS_TRY(read_words(node, "wasm_simd", "wasm_simd", {"off", "on"})))
    values.push_back(word == "on");
  return values;
}

Expected<std::vector<std::int64_t>> read_levels(const YamlNode& node) {
  constexpr std::string_view kWhat = "'aot_level'";
  std::vector<std::int64_t> values;
  for (const YamlNode* item : LUMOS_TRY(read_items(node, kWhat))) {
    const auto value = LUMOS_TRY(read_integer(*item, kWhat, 0, 3));
    LUMOS_TRY(push_unique(values, value, *item, kWhat));
  }
  return values;
}

// What a node must understand to unpack any image is more than it understands.
Expected<> check_pulled(const Experiment& experiment) {
  if (std::ranges::none_of(experiment.cache, is_pulled)) return {};
  for (const auto& function : experiment.functions) {
    if (!function.given || !function.given->given.is_image()) continue;
    return fail_at(function.given->source,
                   "'{}' is an image of yours: pulling it (cache remote, base-cached) is not available yet",
                   function.name);
  }
  return {};
}

// The factors of the build.
Expected<> read_variants(const YamlNode& root, Experiment& experiment) {
  if (const auto* base = root.find("base")) experiment.base = LUMOS_TRY(read_names<Base>(*base, "base"));
  if (const auto* isa = root.find("isa")) experiment.isa = LUMOS_TRY(read_names<Isa>(*isa, "isa"));
  if (const auto* simd = root.find("wasm_simd")) experiment.wasm_simd = LUMOS_TRY(read_simd(*simd));
  if (const auto* level = root.find("aot_level")) experiment.aot_level = LUMOS_TRY(read_levels(*level));
  return {};
}

// Every function reads every format.
Expected<Words> read_formats(const YamlNode& node, const Experiment& experiment, const FunctionCatalogue& catalogue) {
  Words formats = LUMOS_TRY(read_words(node, "format", "format", {std::begin(kFormats), std::end(kFormats)}));
  for (const auto& factor : experiment.functions) {
    if (factor.given) continue;
    const Function& function = *catalogue.find(factor.name);
    for (const YamlNode* item : LUMOS_TRY(read_items(node, "'format'"))) {
      if (function.reads(item->scalar)) continue;
      return fail_at(item->mark, "function '{}' does not read {}; it reads {}", function.name, item->scalar,
                     listed(function.formats));
    }
  }
  return formats;
}

// none, the name of a profile, or the path of one: what holds a '/' or ends with .yaml.
Expected<Device> read_device(const YamlNode& node, const KnownNames& known) {
  Words names{Device{}.name};
  for (const auto& device : known.devices) names.push_back(device.name);
  const bool path =
      node.kind == YamlNode::Kind::kScalar && (node.scalar.contains('/') || node.scalar.ends_with(".yaml"));
  if (path && known.read_device) return LUMOS_TRY(known.read_device(node.scalar));
  const std::string name = LUMOS_TRY(read_word(node, "device", names));
  const auto found = std::ranges::find(known.devices, name, &Device::name);
  return found == known.devices.end() ? Device{} : *found;
}

Expected<std::vector<Device>> read_devices(const YamlNode& node, const KnownNames& known) {
  constexpr std::string_view kWhat = "'device'";
  std::vector<Device> devices;
  for (const YamlNode* item : LUMOS_TRY(read_items(node, kWhat))) {
    Device device = LUMOS_TRY(read_device(*item, known));
    if (std::ranges::contains(devices, device.name, &Device::name))
      return fail_at(item->mark, "{} lists '{}' twice", kWhat, device.name);
    devices.push_back(std::move(device));
  }
  return devices;
}

// none, {cpu: 50%}, {memory: 1GB/s}, {io: 10MB/s}
Expected<std::string> read_neighbour(const YamlNode& node) {
  static const Words kKinds{"cpu", "memory", "io"};
  if (node.kind == YamlNode::Kind::kScalar && node.scalar == "none") return node.scalar;
  if (node.kind != YamlNode::Kind::kMap)
    return fail_at(node.mark, "a neighbour must be none, {{cpu: 50%}}, {{memory: 1GB/s}} or {{io: 10MB/s}}, not {}",
                   found(node));
  LUMOS_TRY(check_map(node, "a neighbour", kKinds));
  if (node.entries.size() != 1) return fail_at(node.mark, "a neighbour must have one of: {}", listed(kKinds));
  const auto& [key, value] = node.entries.front();
  std::string text = key.scalar + ":" + LUMOS_TRY(read_text(value, std::format("'neighbour.{}'", key.scalar)));
  if (parse_neighbour(text)) return text;
  return fail_at(value.mark, "'neighbour.{}' must be {}, not {}", key.scalar,
                 key.scalar == "cpu"      ? "a share of a core from 1% to 100%"
                 : key.scalar == "memory" ? "a rate such as 1GB/s, from 1MB/s to 100GB/s"
                                          : "a rate such as 10MB/s, from 64kB/s to 10GB/s",
                 found(value));
}

Expected<Words> read_neighbours(const YamlNode& node) {
  constexpr std::string_view kWhat = "'neighbour'";
  Words neighbours;
  for (const YamlNode* item : LUMOS_TRY(read_items(node, kWhat))) {
    std::string neighbour = LUMOS_TRY(read_neighbour(*item));
    if (std::ranges::contains(neighbours, neighbour)) return fail_at(item->mark, "{} lists {} twice", kWhat, neighbour);
    neighbours.push_back(std::move(neighbour));
  }
  return neighbours;
}

// A word, or {redis: {url: redis://HOST:PORT}}: a server of the user's own.
Expected<> read_storage(const YamlNode& node, Experiment& experiment) {
  static const Words kKinds{"inline", "local", "redis", "s3"}, kServers{"redis", "s3"}, kKeys{"url"};
  experiment.storage.clear();
  for (const YamlNode* item : LUMOS_TRY(read_items(node, "'storage'"))) {
    if (item->kind != YamlNode::Kind::kMap) {
      const std::string kind = LUMOS_TRY(read_word(*item, "storage", kKinds));
      LUMOS_TRY(push_unique(experiment.storage, kind, *item, "'storage'"));
      continue;
    }
    LUMOS_TRY(check_map(*item, "a server of 'storage'", kServers));
    for (const auto& [key, value] : item->entries) {
      const std::string& kind = key.scalar;
      const std::string what = "'" + kind + ".url'";
      LUMOS_TRY(check_map(value, "'" + kind + "'", kKeys));
      const YamlNode* url = value.find("url");
      if (url == nullptr) return fail_at(value.mark, "'{}' must have 'url'", kind);
      const std::string text = LUMOS_TRY(read_text(*url, what));
      if (const auto parsed = parse_server_url(kind, text); !parsed)
        return fail_at(url->mark, "{} {}", what, parsed.error().message);
      if (std::ranges::contains(experiment.storage, kind)) return fail_at(key.mark, "'storage' lists {} twice", kind);
      experiment.storage.push_back(kind);
      experiment.own_servers[kind] = text;
    }
  }
  return {};
}

Expected<StopRule> read_stop(const YamlNode& node) {
  static const Words kKeys{"of", "ci", "min", "max", "budget", "invocations", "visit", "timeout"};
  static const Words kQuantiles{"p50", "p95", "p99"};
  constexpr std::int64_t kMost = 1'000'000;
  LUMOS_TRY(check_map(node, "'stop'", kKeys));
  StopRule stop;
  if (const auto* of = node.find("of")) stop.of = LUMOS_TRY(read_word(*of, "quantile", kQuantiles));
  if (const auto* ci = node.find("ci")) stop.ci = LUMOS_TRY(read_fraction(*ci, "'stop.ci'"));
  const YamlNode* min = node.find("min");
  const YamlNode* max = node.find("max");
  if (min != nullptr) stop.min = LUMOS_TRY(read_integer(*min, "'stop.min'", 1, kMost));
  if (max != nullptr) stop.max = LUMOS_TRY(read_integer(*max, "'stop.max'", 1, kMost));
  if (stop.max < stop.min && max != nullptr) {
    return fail_at(max->mark, "'stop.max' must be at least 'stop.min' ({}{}), not {}", stop.min,
                   min == nullptr ? " by default" : "", stop.max);
  }
  if (stop.max < stop.min) {
    return fail_at(min->mark, "'stop.min' must be at most 'stop.max' ({} by default), not {}", stop.max, stop.min);
  }
  if (const auto* budget = node.find("budget")) stop.budget = LUMOS_TRY(read_duration(*budget, "'stop.budget'"));
  if (const auto* invocations = node.find("invocations")) {
    stop.invocations = LUMOS_TRY(read_integer(*invocations, "'stop.invocations'", 1, 100'000));
  }
  if (const auto* visit = node.find("visit")) stop.visit = LUMOS_TRY(read_duration(*visit, "'stop.visit'"));
  if (const auto* timeout = node.find("timeout")) stop.timeout = LUMOS_TRY(read_duration(*timeout, "'stop.timeout'"));
  return stop;
}

// {series: off, probes: 20}
Expected<> read_telemetry(const YamlNode& node, Experiment& experiment) {
  static const Words kKeys{"series", "probes"};
  static const Words kSettings{"on", "off"};
  LUMOS_TRY(check_map(node, "'telemetry'", kKeys));
  if (const auto* series = node.find("series"))
    experiment.series = LUMOS_TRY(read_word(*series, "setting", kSettings)) == "on";
  if (const auto* probes = node.find("probes"))
    experiment.probes = LUMOS_TRY(read_integer(*probes, "'telemetry.probes'", 0, 1000));
  return {};
}

// Where both are maps, key by key; else what the tier says takes the place.
void merge(YamlNode& into, const YamlNode& from) {
  if (into.kind != YamlNode::Kind::kMap || from.kind != YamlNode::Kind::kMap) {
    into = from;
    return;
  }
  for (const auto& [key, value] : from.entries) {
    if (YamlNode* there = into.find(key.scalar))
      merge(*there, value);
    else
      into.entries.push_back({key, value});
  }
}

// The tier's keys over those of the file; every tier is looked at, so that a mistake in one shows at once.
Expected<> apply_tier(YamlNode& root, const std::string& name) {
  const YamlNode* found = root.kind == YamlNode::Kind::kMap ? root.find("tiers") : nullptr;
  if (found == nullptr && name.empty()) return {};
  if (found == nullptr) return fail(ErrorCode::kUsage, "--tier {}: the experiment has no 'tiers'", name);
  const YamlNode tiers = *found;
  if (tiers.kind != YamlNode::Kind::kMap)
    return fail_at(tiers.mark, "'tiers' must be a map, such as {{smoke: {{stop: {{budget: 10m}}}}}}");
  Words known;
  for (const auto& [key, value] : tiers.entries) {
    known.push_back(key.scalar);
    if (value.kind != YamlNode::Kind::kMap || value.find("tiers") != nullptr)
      return fail_at(value.mark, "tier '{}' must be a map of keys of an experiment", key.scalar);
  }
  if (!name.empty() && tiers.find(name) == nullptr) {
    return fail(ErrorCode::kUsage, "--tier {}: unknown{}; known: {}", name, suggestion(name, known), listed(known));
  }
  std::erase_if(root.entries, [](const auto& entry) { return entry.key.scalar == "tiers"; });
  if (!name.empty()) merge(root, *tiers.find(name));
  return {};
}

Expected<Experiment> read_experiment(const YamlNode& root, const std::string& file_name, const KnownNames& known) {
  static const Words kKeys{"name",    "functions",  "runtimes",  "start",     "cache",  "runtime_cache",
                           "base",    "isa",        "wasm_simd", "aot_level", "device", "neighbour",
                           "storage", "connection", "format",    "load",      "links",  "scaling",
                           "stop",    "density",    "telemetry", "seed"};
  if (root.kind == YamlNode::Kind::kNull) {
    return fail_at(root.mark, "the file is empty; an experiment needs at least 'functions', such as functions: [noop]");
  }
  LUMOS_TRY(check_map(root, "the experiment", kKeys));
  Experiment experiment{.name = default_name(file_name), .runtimes = known.runtimes};
  if (const auto* name = root.find("name")) experiment.name = LUMOS_TRY(read_name(*name));
  const YamlNode* functions = root.find("functions");
  if (functions == nullptr)
    return fail_at(root.mark, "the experiment must have 'functions', such as functions: [noop]");
  experiment.functions = LUMOS_TRY(read_functions(*functions, known.functions));
  if (const auto* runtimes = root.find("runtimes")) {
    experiment.runtimes = LUMOS_TRY(read_words(*runtimes, "runtime", "runtimes", known.runtimes));
  }
  if (const auto* start = root.find("start")) experiment.start = LUMOS_TRY(read_starts(*start));
  LUMOS_TRY(read_caches(root, experiment));
  LUMOS_TRY(read_variants(root, experiment));
  if (const auto* neighbour = root.find("neighbour")) experiment.neighbour = LUMOS_TRY(read_neighbours(*neighbour));
  if (const auto* device = root.find("device")) experiment.device = LUMOS_TRY(read_devices(*device, known));
  if (const auto* storage = root.find("storage")) LUMOS_TRY(read_storage(*storage, experiment));
  if (const auto* connection = root.find("connection")) {
    experiment.connection = LUMOS_TRY(read_words(*connection, "connection", "connection", {"kept", "fresh"}));
  }
  if (const auto* format = root.find("format")) {
    experiment.format = LUMOS_TRY(read_formats(*format, experiment, known.functions));
  }
  LUMOS_TRY(check_pulled(experiment));
  if (const auto* load = root.find("load")) experiment.loads = LUMOS_TRY(read_load(*load));
  if (const auto* links = root.find("links")) LUMOS_TRY(read_links(*links, known.links, experiment));
  if (const auto* scaling = root.find("scaling")) experiment.scaling = LUMOS_TRY(read_scaling(*scaling));
  if (const auto* stop = root.find("stop")) {
    experiment.stop = LUMOS_TRY(read_stop(*stop));
    const YamlNode* of = stop->find("of");
    experiment.stop_position = (of == nullptr ? *stop : *of).mark.text();
  }
  if (const auto* density = root.find("density"))
    experiment.density = LUMOS_TRY(read_integer(*density, "'density'", 0, kMostSideBySide));
  if (experiment.density > 0 && experiment.storage != Experiment{}.storage)
    return fail_at(root.find("density")->mark,
                   "'density' is measured with storage inline only: leave one of the two out");
  if (const auto* telemetry = root.find("telemetry")) LUMOS_TRY(read_telemetry(*telemetry, experiment));
  if (const auto* seed = root.find("seed")) {
    constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
    experiment.seed = static_cast<std::uint64_t>(LUMOS_TRY(read_integer(*seed, "'seed'", 0, kLargest)));
  }
  return experiment;
}

// An instance of it serves one request, which it is made for.
Expected<> check_command(const Experiment& experiment, const Experiment::FunctionFactor& function) {
  const auto refuse = [&](std::string_view what) -> Expected<> {
    return fail_at(function.given->source, "'{}' is a command, which ends with its answer: {}", function.name, what);
  };
  if (experiment.has_windows()) return refuse("no load can be put on it; leave 'load' out");
  if (!std::ranges::contains(experiment.start, Start::kCold))
    return refuse("each invocation is a cold start; write 'start: cold'");
  if (experiment.density > 0) return refuse("its instances do not live side by side; leave 'density' out");
  return {};
}

}  // namespace

Expected<> read_given_files(Experiment& experiment, const std::filesystem::path& folder) {
  for (auto& function : experiment.functions) {
    if (!function.given) continue;
    LUMOS_TRY(read_files(*function.given, folder));
    if (function.given->given.command) LUMOS_TRY(check_command(experiment, function));
  }
  return {};
}

Expected<Experiment> parse_experiment(std::string_view text, const std::string& file_name, const KnownNames& known,
                                      std::span<const std::string> overrides, const std::string& tier) {
  YamlNode root = LUMOS_TRY(parse_yaml(text, file_name));
  LUMOS_TRY(apply_tier(root, tier));
  for (const auto& assignment : overrides) LUMOS_TRY(override_value(root, assignment));
  return read_experiment(root, file_name, known);
}

}  // namespace lumos
