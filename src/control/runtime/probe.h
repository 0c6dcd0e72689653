// Looking into a Wasm start: a small library, loaded into the OCI runtime before everything else, stamps when the
// engine's libraries and the module are loaded (docs/decisions/0013-probed-starts.md). The stamps come back through one
// page of shared memory. Of a command the page has also how it ended, which crun keeps to itself
// (docs/decisions/0018-commands.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "record/sample.h"

namespace lumos {

/// The page: written by the library in the runtime's processes, which are each other's children and never write the
/// same step. 0 = not stamped.
struct ProbePage {
  struct Mark {
    std::int64_t begin, end, cpu_begin, cpu_end;  // CLOCK_MONOTONIC, CLOCK_THREAD_CPUTIME_ID; ns
  };
  Mark marks[kSteps];    // by Step
  std::int64_t command;  // not 0: a command of WASI is started, which stays, its output closed, when it has ended
  std::int64_t end;      // of a command that ended and did not trap: 1 + its exit code
};

/// Names the page's file to the library.
inline constexpr const char* kProbeVariable = "LUMOS_PROBE";

/// Writes the library to `file`, which is on a file system that may be executed from. Error: kEnvironment.
Expected<> write_probe_library(const std::filesystem::path& file);

/// An empty page at `file`; of a command, or of another start. Error: kEnvironment.
Expected<> make_probe_page(const std::filesystem::path& file, bool command = false);

/// What a program needs in its environment to be probed.
std::vector<std::string> probe_environment(const std::filesystem::path& library, const std::filesystem::path& page);

/// The steps that both begin and end are stamped of; none when the file is no page.
std::vector<StepTime> read_probe_page(const std::filesystem::path& file);

/// The exit code of the command whose page `file` is; nullopt: it has not ended, or trapped.
std::optional<int> read_command_end(const std::filesystem::path& file);

}  // namespace lumos
