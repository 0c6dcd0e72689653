// What a run sets out to measure: deployments, cells, limits. Written into run.sqlite at its start, read by the
// analysis.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "record/variant.h"
#include "record/vocabulary.h"

namespace lumos {

/// One function built in one variant for one runtime: what instances are made of.
struct Deployment {
  std::int64_t id = 0;
  std::string function;
  std::string runtime;
  Variant variant;
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

/// One point in factor space.
struct Cell {
  std::int64_t id = 0;  // from 0, in the experiment's order
  std::int64_t deployment = 0;
  /// Every factor, also those left at their default: {"function":…,"payload":…,"runtime":…,"start":…,…}.
  nlohmann::ordered_json factors;
  Start start = Start::kWarm;
  std::string request;                         // the request body
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
  std::vector<Cell> cells;              // cells[i].id == i
};

}  // namespace lumos
