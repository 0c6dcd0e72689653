// What a run sets out to measure: deployments, cells, limits. Written into run.sqlite at its start, read by the
// analysis.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "record/device.h"
#include "record/given.h"
#include "record/link.h"
#include "record/load.h"
#include "record/scaling.h"
#include "record/server_url.h"
#include "record/variant.h"
#include "record/vocabulary.h"

namespace lumos {

/// What the instances of a deployment find around them. A factor that does not apply is nullopt.
struct Environment {
  std::string storage = "inline";           // where objects lie: inline (in the request), local, redis, s3
  std::optional<std::string> connection;    // to a storage server: kept, fresh
  std::optional<std::string> link_storage;  // over which: a profile's name, or none
  std::optional<CacheState> pulled;         // from which each of its starts pulls the image; nullopt: it is on the node
  std::optional<std::string> link_registry;  // over which

  bool operator==(const Environment&) const = default;
};

/// {"storage":"redis","connection":"kept","link_registry":null,"link_storage":"none"}, and "cache" where it pulls: as
/// factors of a cell.
nlohmann::ordered_json factors_of(const Environment& environment);
/// What factors_of wrote, other keys ignored. Throws nlohmann's exceptions.
Environment environment_from_json(const nlohmann::json& factors);

/// One function built in one variant for one runtime, on one device, in one environment: what instances are made of.
struct Deployment {
  std::int64_t id = 0;
  std::string function;
  std::string runtime;
  Variant variant;
  Device device;
  Scaling scaling;
  Environment environment;
  /// Derived columns (isolation, launcher, engine, mode), filled from the runtime's driver.
  nlohmann::ordered_json traits = nlohmann::ordered_json::object();
  std::string image_digest;                    // of the manifest: sha256:…; empty for the fake backend
  std::optional<std::int64_t> image_bytes;     // compressed, as a registry would serve it
  std::optional<std::int64_t> unique_bytes;    // of these, what it does not share with the images on the same base
  std::optional<std::int64_t> unpacked_bytes;  // of its files
  std::optional<std::int64_t> artefact_bytes;  // the binary or module alone
  /// What is executed in the unpacked image was, before the first instance, what the build put there.
  std::optional<bool> image_verified;
};

/// What invocations send, and what must lie in storage for them. Cells of one function, payload, format and kind of
/// place (within the request or stored) share it.
struct Input {
  std::int64_t id = 0;
  std::string function;
  nlohmann::ordered_json payload;
  std::string format = "json";  // json, cbor, protobuf
  bool stored = false;          // the object lies in storage, and the request names its key
  std::string content_type;     // of the request
  std::string body;             // of the request, any bytes; empty while `made` is not true
  bool made = false;
  /// The payload whatever its encoding: its bytes, and "sha256:…" of them.
  std::optional<std::int64_t> payload_bytes;
  std::string payload_hash;
  std::string input_key, output_key;  // of stored objects
  std::filesystem::path object;       // a file: what must lie under input_key. Not recorded
  std::filesystem::path result;       // a file: what then lies under output_key. Not recorded
};

/// One point in factor space.
struct Cell {
  std::int64_t id = 0;  // from 0, in the experiment's order
  std::int64_t deployment = 0;
  /// Every factor, also those left at their default: {"function":…,"payload":…,"runtime":…,"start":…,…}.
  nlohmann::ordered_json factors;
  Start start = Start::kWarm;    // of its invocations; a load asks for none, its instances are there before it
  std::optional<CellLoad> load;  // nullopt: one request after the other
  std::int64_t input = 0;        // Input::id
  std::optional<std::string> expected_digest;  // nullopt: none known for this payload
};

/// When a cell has been measured enough.
struct StopRule {
  std::string of = "p50";
  double ci = 0.05;                                // half width of its 95 % interval, relative
  std::int64_t min = 6;                            // replicates
  std::int64_t max = 200;                          // replicates
  Nanoseconds budget = std::chrono::minutes(5);    // of the whole run
  std::int64_t invocations = 10;                   // measured invocations of one warm visit
  std::optional<Nanoseconds> visit;                // after so long a warm visit begins no further one; has at least one
  Nanoseconds timeout = std::chrono::seconds(60);  // of one invocation
};

struct Plan {
  std::string name;
  std::uint64_t seed = 0;
  StopRule stop;
  bool series = true;                   // whether living instances are read 100 times a second
  std::int64_t probes = 0;              // extra cold starts of a cell whose engine is looked into
  std::int64_t density = 0;             // instances side by side of each deployment, at the run's end; 0: none
  std::vector<Deployment> deployments;  // deployments[i].id == i
  std::vector<Input> inputs;            // inputs[i].id == i
  std::vector<Cell> cells;              // cells[i].id == i
  std::map<std::string, Given> given;   // by function: those that are none of Lumos's
  std::vector<LinkProfile> links;       // those that cells name as factors
  OwnServers own_servers;               // the storage servers that are the user's

  const Input& input_of(const Cell& cell) const { return inputs.at(static_cast<std::size_t>(cell.input)); }
  /// nullptr: the function is one of Lumos's, and keeps its contract.
  const Given* given_of(const std::string& function) const {
    const auto found = given.find(function);
    return found == given.end() ? nullptr : &found->second;
  }
};

}  // namespace lumos
