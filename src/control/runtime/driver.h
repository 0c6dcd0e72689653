// How an artefact is executed: one RuntimeDriver per runtime, one file pair each, registered by one line in
// registry.cc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "control/runtime/confinement.h"
#include "host/cgroup.h"
#include "host/process.h"
#include "record/sample.h"

namespace lumos {

/// What is fixed about a runtime: its id and the derived columns by which the model tells effects apart.
struct RuntimeInfo {
  std::string id;
  std::string isolation;  // what separates instances: "namespaces"
  std::string launcher;   // who makes the isolation: "lumos", "runc", "crun"
  std::string engine;     // who executes the code: "native", "wasmedge"
  std::string mode;       // "native", "interpreted", "aot"
  ArtefactKind artefact = ArtefactKind::kNative;
  std::string program;  // absolute path of the OCI runtime; empty: Lumos itself
  std::string library;  // of the engine, as the program asks the loader for it; empty: none

  nlohmann::ordered_json traits() const {
    return {{"isolation", isolation}, {"launcher", launcher}, {"engine", engine}, {"mode", mode}};
  }
};

/// Where an instance finds its volume.
inline constexpr const char* kVolume = "/data";

/// Everything an instance is made of. The folders are on the launcher's own tmpfs and vanish with it.
struct LaunchRequest {
  std::string name;              // unique on this machine; the container's id and Lumos-Instance
  std::filesystem::path image;   // unpacked image: read-only lower layer
  std::filesystem::path folder;  // the instance's own: overlay, bundle
  std::vector<std::string> argv;
  std::vector<std::string> environment;  // NAME=value
  std::string working_folder = "/";      // in the image; absolute
  std::uint32_t uid = 0, gid = 0;
  std::string cgroup;   // relative path
  std::string network;  // path of its network namespace
  Limits limits;
  std::filesystem::path volume;  // a folder that it finds at kVolume, to read and write; empty: none
  int log = -1;                  // its standard output and error
  Streams streams;               // of a command: its input and output; none: nothing, and the log
  std::filesystem::path probe;   // library that looks into the engine (probe.h); empty: an ordinary start
  std::filesystem::path probe_page() const { return folder / "probe"; }
};

struct Launched {
  pid_t pid = 0;
  std::int64_t create_begin = 0, create_end = 0;       // CLOCK_MONOTONIC ns
  std::optional<std::int64_t> start_begin, start_end;  // where the runtime starts in a second step
  std::int64_t cpu_ns = 0;                             // of the launcher and every helper
  std::vector<StepTime> steps;                         // what of the above the driver itself stamped
};

/// Makes and removes instances. Used by the launcher process only: one thread, blocking.
class RuntimeDriver {
 public:
  virtual ~RuntimeDriver() = default;
  virtual const RuntimeInfo& info() const = 0;

  /// Makes an instance and lets it run; returns before it listens. Error: kEnvironment with what the runtime said; then
  /// nothing of it is left.
  virtual Expected<Launched> launch(const LaunchRequest& request) = 0;
  /// Ends an instance whose process has been killed and reaped: state, mounts, control group. Gone already is fine.
  virtual Expected<> remove(const LaunchRequest& request) = 0;

  /// Programs and libraries that a node needs for this runtime: recorded in the manifest.
  virtual std::vector<std::string> packages() const = 0;
};

}  // namespace lumos
