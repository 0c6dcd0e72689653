// An experiment file: factors, load, stopping rule. experiments/smoke.yaml names every key but `invocations`,
// `timeout` and `telemetry`.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/link.h"
#include "record/plan.h"
#include "record/vocabulary.h"
#include "workload/function_catalogue.h"
#include "workload/given.h"
#include "workload/scaling_read.h"
#include "workload/yaml.h"

namespace lumos {

/// What an experiment may name.
struct KnownNames {
  FunctionCatalogue functions;
  std::vector<std::string> runtimes;  // in their canonical order: the default
  std::vector<Device> devices;        // profiles, by name
  /// Reads a profile of the user's own, named by its path; none: own profiles are refused.
  std::function<Expected<Device>(const std::string& path)> read_device;
  std::vector<LinkProfile> links = {};
};

/// What an experiment asks of its cells, a point per cell. nullopt: one request after the other.
using LoadPoints = std::vector<std::optional<CellLoad>>;

/// A validated experiment: every name is known, every list non-empty and without repetition. Members not in the file
/// hold the defaults given here.
struct Experiment {
  struct FunctionFactor {
    std::string name;
    std::vector<nlohmann::ordered_json> payloads;  // default: the function's own; null for a function without payload
    std::optional<GivenFunction> given;            // of one that is there already: an image, a module
  };

  std::string name;                       // default: the file's name without extension
  std::vector<FunctionFactor> functions;  // required
  std::vector<std::string> runtimes;      // default: all known
  std::vector<Start> start{Start::kCold, Start::kWarm};
  // Of cold starts: where the files of the image and those of the runtime itself are.
  std::vector<CacheState> cache{CacheState::kMemory};
  std::vector<CacheState> runtime_cache{CacheState::kMemory};
  // Of the build: those that do not apply to a runtime are left out of its cells (workload/expand.h).
  std::vector<Base> base{Base::kScratch};
  std::vector<Isa> isa{Isa::kBaseline};
  std::vector<bool> wasm_simd{false};
  std::vector<std::int64_t> aot_level{kDefaultAotLevel};
  std::vector<std::string> neighbour{"none"};  // beside the instance, as record/neighbour.h writes it
  std::vector<Device> device{Device{}};        // on which instances run; default: none is emulated
  std::vector<std::string> storage{"inline"};
  OwnServers own_servers;                       // of the kinds in `storage`
  std::vector<std::string> connection{"kept"};  // to a storage server
  std::vector<std::string> format{"json"};
  LoadPoints loads{std::nullopt};
  // Between places: a profile's name, or none.
  std::vector<std::string> link_client{std::string(kNoLink)};
  std::vector<std::string> link_registry{std::string(kNoLink)};  // of starts that pull
  std::vector<std::string> link_storage{std::string(kNoLink)};   // of deployments whose storage is a server
  std::vector<LinkProfile> links;                                // those that the factors name
  // Of loads; default: one instance.
  ScalingFactors scaling{.scaling = {.min_scale = 1, .max_scale = 1}};
  StopRule stop;
  std::string stop_position;  // "FILE:LINE:COLUMN" of 'stop.of', or of 'stop'; empty: not in the file
  bool series = true;         // of `telemetry`: whether living instances are read 100 times a second
  std::int64_t probes = 6;    // of `telemetry`: extra cold starts of a cell whose engine is looked into; 0: none
  std::int64_t density = 0;   // instances side by side of each deployment, at the run's end; 0: none
  std::uint64_t seed = 42;

  /// Whether cells are asked by loads: all of them are, or none.
  bool has_windows() const { return loads.front().has_value(); }
};

/// Reads the files that the experiment's images, modules and bodies are in; relative paths start at `folder`. Error:
/// kUsage with the position; also of a command that the experiment wants warm, under a load or side by side.
Expected<> read_given_files(Experiment& experiment, const std::filesystem::path& folder);

/// Reads and validates an experiment; no other file is looked at. `overrides` are "--set" assignments
/// (workload/override.h), applied in order before validation, after the keys of the
/// file's `tier` of that name ("": none) have taken their places. Error: kUsage, "FILE:LINE:COLUMN: message" or "--set
/// KEY=VALUE: message".
Expected<Experiment> parse_experiment(std::string_view text, const std::string& file_name, const KnownNames& known,
                                      std::span<const std::string> overrides = {}, const std::string& tier = "");

}  // namespace lumos
