#include "control/runtime/runtime_files.h"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "telemetry/process_counters.h"
#include "telemetry/process_maps.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

// Of this process and of those above it. By their names within the file system: a process in another root (whoever
// entered Lumos's) may have a file of the same name mapped, which then is only left out.
std::set<fs::path> mapped_here_and_above() {
  std::set<fs::path> files;
  for (std::optional<pid_t> pid = ::getpid(); pid && *pid > 0; pid = parent_of(*pid)) files.merge(mapped_files(*pid));
  return files;
}

}  // namespace

// "\tlibcap.so.2 => /lib/x86_64-linux-gnu/libcap.so.2 (0x00007f7e09822000)", "\t/lib64/ld-linux-x86-64.so.2 (0x…)",
// "\tlinux-vdso.so.1 (0x…)" for what is in no file, "\tlibz.so.1 => not found".
std::vector<fs::path> parse_loader_trace(std::string_view text) {
  std::vector<fs::path> files;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    line.remove_prefix(std::min(line.find_first_not_of("\t "), line.size()));
    if (const std::size_t arrow = line.find(" => "); arrow != std::string_view::npos) {
      const std::string_view found = line.substr(arrow + 4);
      line = found == "not found" ? line.substr(0, arrow) : found;
    } else if (!line.starts_with('/')) {
      continue;
    }
    files.emplace_back(line.substr(0, line.rfind(" (0x")));
  }
  return files;
}

Expected<RuntimeFiles> runtime_files(CommandRunner& runner, const RuntimeInfo& runtime) {
  RuntimeFiles files;
  if (runtime.program.empty()) return files;
  // The loader lists what it would map, and runs nothing. As if preloaded, the engine's library is found where the
  // program's own call of dlopen finds it.
  const auto traced = LUMOS_TRY(runner.run(
      {.argv = {runtime.program}, .environment = {"LD_TRACE_LOADED_OBJECTS=1", "LD_PRELOAD=" + runtime.library}}));
  std::vector<fs::path> paths = parse_loader_trace(traced.output);
  paths.insert(paths.begin(), runtime.program);
  const std::set<fs::path> held = mapped_here_and_above();
  std::set<fs::path> seen;
  for (const auto& path : paths) {
    std::error_code error;
    const fs::path file = fs::canonical(path, error);
    if (error) return fail(ErrorCode::kEnvironment, "{} needs {}: {}", runtime.program, path.string(), error.message());
    if (seen.insert(file).second) (held.contains(file) ? files.shared : files.own).push_back(file);
  }
  return files;
}

}  // namespace lumos
