#include "record/run_folder.h"

#include <algorithm>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/suggest.h"

namespace lumos {
namespace fs = std::filesystem;

namespace {

// Names of the runs below `runs`, oldest first: they begin with their time.
std::vector<std::string> run_names(const fs::path& runs) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto it = fs::directory_iterator(runs, error); !error && it != fs::end(it); it.increment(error)) {
    if (fs::exists(RunFolder{it->path()}.store(), error)) names.push_back(it->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

Expected<RunFolder> create_run_folder(const fs::path& runs, const fs::path& out, const std::string& name) {
  RunFolder run{out};
  std::error_code error;
  if (out.empty()) {
    const std::string base = utc_now(true) + "-" + name;
    run.path = runs / base;
    fs::create_directories(runs, error);
    // Made, not looked for: another run may begin in the same second.
    for (int i = 2; !error && !fs::create_directory(run.path, error) && !error; ++i)
      run.path = runs / std::format("{}-{}", base, i);
    if (error) return fail(ErrorCode::kEnvironment, "{}: {}", run.path.string(), error.message());
  } else if (fs::exists(run.store(), error)) {
    return fail(ErrorCode::kUsage, "{}: holds a run already; go on with it by --resume {}, or name another folder",
                out.string(), out.string());
  }
  fs::create_directories(run.logs(), error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", run.path.string(), error.message());
  return run;
}

Expected<RunFolder> find_run(const fs::path& runs, const std::string& run) {
  const auto names = run_names(runs);
  if (run == "latest") {
    if (names.empty()) return fail(ErrorCode::kUsage, "there is no run below {} yet", runs.string());
    // By when its store was written, not by its name: an --out folder may be called anything.
    const auto newest = std::ranges::max_element(names, {}, [&](const std::string& n) {
      std::error_code ignored;
      return std::pair(fs::last_write_time(RunFolder{runs / n}.store(), ignored), n);
    });
    return RunFolder{runs / *newest};
  }
  std::error_code error;
  for (const fs::path& candidate : {fs::path(run), runs / run}) {
    if (fs::exists(RunFolder{candidate}.store(), error)) return RunFolder{candidate};
  }
  return fail(ErrorCode::kUsage, "no run '{}' (looked for run.sqlite in it, and below {}){}", run, runs.string(),
              suggestion(run, names));
}

Expected<> write_manifest(const RunFolder& run, const nlohmann::ordered_json& manifest) {
  return write_file(run.manifest(), manifest.dump(2) + "\n");
}

Expected<nlohmann::ordered_json> read_manifest(const RunFolder& run) {
  const std::string text = LUMOS_TRY(read_file(run.manifest()));
  auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(ErrorCode::kUsage, "{}: not valid JSON", run.manifest().string());
  return json;
}

}  // namespace lumos
