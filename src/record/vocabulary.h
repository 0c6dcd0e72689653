// The words of docs/overview.md as types, with the spelling used in files and on the command line.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace lumos {

/// How an invocation found its instance. Decided by the gateway's instance events.
enum class Start : std::uint8_t {
  kCold,    // waited for its own instance's creation
  kBehind,  // waited behind another's creation
  kFirst,   // met an instance that had answered nobody yet and was ready: made ahead of demand
  kWarm,    // met an instance that had answered before
};

/// What became of an invocation. Everything but kOk counts as infinite latency in an SLO quantile.
enum class Outcome : std::uint8_t {
  kOk,
  kWrongOutput,  // 200, but the digest is not the expected one
  kBadStatus,    // an HTTP status other than 200
  kMalformed,    // no valid HTTP
  kRefused,      // connection refused; by the gateway: as many requests waited as may
  kReset,        // connection closed before the answer was whole
  kTimeout,
  kLaunchFailed,   // the runtime could not create the instance
  kNotReady,       // the instance never listened
  kNoSocket,       // the client had no descriptor or no port left
  kStorageFailed,  // 502 of the function itself: its storage failed
};

/// What an invocation is for: `measure` counts; `prime` brought a warm visit's instance into being; `probe` is an extra
/// cold start whose steps were stamped from within, and which counts nowhere else.
enum class Role : std::uint8_t { kMeasure, kPrime, kProbe };

/// What the phases of an instance's creation are made of, where somebody looked (docs/metrics.md).
enum class Step : std::uint8_t {
  kGroup,        // sandbox: its control group made and limited
  kEnterGroup,   // sandbox: its process moved into it, which on v1 waits for the kernel
  kRoot,         // sandbox: namespaces, overlay, mounts, pivot_root
  kBundle,       // OCI: overlay mounted, config.json written
  kLibraries,    // the engine's shared libraries loaded
  kEngine,       // the engine's virtual machine made
  kLoad,         // the module read and parsed; for ahead-of-time code, mapped
  kValidate,     // the module
  kInstantiate,  // the module
};
inline constexpr std::size_t kSteps = 9;

/// Where a cold start finds its files.
enum class CacheState : std::uint8_t {
  kMemory,  // every page of them in the page cache
  kDisk,    // unpacked, and no page of them in the page cache
  // Of images alone, whose layers are pulled from a registry:
  kRemote,      // nothing of it is on the node
  kBaseCached,  // the layers of its base are, unpacked
};

/// What the build plane makes of a function's one source.
enum class ArtefactKind : std::uint8_t {
  kNative,  // static native binary
  kWasm,    // wasm32-wasip1 module
  kAot,     // that module with ahead-of-time code in it
};

/// Enum and spelling in one table per type.
template <typename E>
struct Names;

template <>
struct Names<Start> {
  static constexpr std::array<std::pair<Start, std::string_view>, 4> kTable{
      {{Start::kCold, "cold"}, {Start::kBehind, "behind"}, {Start::kFirst, "first"}, {Start::kWarm, "warm"}}};
};

template <>
struct Names<Outcome> {
  static constexpr std::array<std::pair<Outcome, std::string_view>, 11> kTable{
      {{Outcome::kOk, "ok"},
       {Outcome::kWrongOutput, "wrong_output"},
       {Outcome::kBadStatus, "bad_status"},
       {Outcome::kMalformed, "malformed"},
       {Outcome::kRefused, "refused"},
       {Outcome::kReset, "reset"},
       {Outcome::kTimeout, "timeout"},
       {Outcome::kLaunchFailed, "launch_failed"},
       {Outcome::kNotReady, "not_ready"},
       {Outcome::kNoSocket, "no_socket"},
       {Outcome::kStorageFailed, "storage_failed"}}};
};

template <>
struct Names<Role> {
  static constexpr std::array<std::pair<Role, std::string_view>, 3> kTable{
      {{Role::kMeasure, "measure"}, {Role::kPrime, "prime"}, {Role::kProbe, "probe"}}};
};

template <>
struct Names<Step> {
  static constexpr std::array<std::pair<Step, std::string_view>, kSteps> kTable{{{Step::kGroup, "group"},
                                                                                 {Step::kEnterGroup, "enter_group"},
                                                                                 {Step::kRoot, "root"},
                                                                                 {Step::kBundle, "bundle"},
                                                                                 {Step::kLibraries, "libraries"},
                                                                                 {Step::kEngine, "engine"},
                                                                                 {Step::kLoad, "load"},
                                                                                 {Step::kValidate, "validate"},
                                                                                 {Step::kInstantiate, "instantiate"}}};
};

template <>
struct Names<CacheState> {
  static constexpr std::array<std::pair<CacheState, std::string_view>, 4> kTable{
      {{CacheState::kMemory, "memory"},
       {CacheState::kDisk, "disk"},
       {CacheState::kRemote, "remote"},
       {CacheState::kBaseCached, "base-cached"}}};
};

template <>
struct Names<ArtefactKind> {
  static constexpr std::array<std::pair<ArtefactKind, std::string_view>, 3> kTable{
      {{ArtefactKind::kNative, "native"}, {ArtefactKind::kWasm, "wasm"}, {ArtefactKind::kAot, "aot"}}};
};

/// Whether a start from this state pulls something.
constexpr bool is_pulled(CacheState state) { return state == CacheState::kRemote || state == CacheState::kBaseCached; }

template <typename E>
constexpr std::string_view name_of(E value) {
  for (const auto& [key, name] : Names<E>::kTable) {
    if (key == value) return name;
  }
  return "?";
}

template <typename E>
constexpr std::optional<E> parse_name(std::string_view text) {
  for (const auto& [key, name] : Names<E>::kTable) {
    if (name == text) return key;
  }
  return std::nullopt;
}

}  // namespace lumos
