// A damaged run.sqlite is read, or an Error that names it; what is read of it can be shown. The input is a list of
// damages to a sound file: two bytes of place (in 1/65536 of its length), one byte of length n, n bytes to write there;
// n = 0 cuts the file at the place.
#include <unistd.h>

#include <fstream>

#include "analysis/run_summary.h"
#include "base/file.h"
#include "record/store.h"
#include "report/results_json.h"
#include "report/results_text.h"
#include "tests/fuzz/target.h"
#include "tests/support/synthetic_run.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace lumos;

// A run of two cells as the store writes it.
std::string sound_file(const std::filesystem::path& path) {
  SyntheticRun made;
  made.add_cold(made.add_cell("noop", nullptr, "crun", Start::kCold), 3, 10'000);
  made.add_warm(made.add_cell("fibonacci", 5, "wasm-aot", Start::kWarm), 2, 2, 10'000);
  {
    Store store = *Store::create(path, made.run.plan);
    for (const auto& visit : made.run.visits) {
      LUMOS_CHECK(store.add(visit).has_value());
      LUMOS_CHECK(store.finish(visit).has_value());
    }
    for (const auto& sample : made.run.samples) LUMOS_CHECK(store.add(sample).has_value());
    for (const auto& instance : made.run.instances) LUMOS_CHECK(store.add(instance).has_value());
    LUMOS_CHECK(store.add_event("end", "measured").has_value());
  }
  return *read_file(path);
}

void damage(std::string& file, std::string_view how) {
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(how[i])); };
  while (how.size() >= 3 && !file.empty()) {
    const std::size_t place = (byte(0) << 8 | byte(1)) * file.size() / 65'536;
    const std::size_t length = std::min({byte(2), how.size() - 3, file.size() - place});
    if (byte(2) == 0) {
      file.resize(place);
    } else {
      file.replace(place, length, how.substr(3, length));
    }
    how.remove_prefix(3 + std::min(byte(2), how.size() - 3));
  }
}

}  // namespace

void run_target(std::string_view how) {
  static const TemporaryFolder folder;
  static const std::string sound = sound_file(folder / "sound.sqlite");
  std::string file = sound;
  damage(file, how);
  std::ofstream(folder / "run.sqlite", std::ios::binary | std::ios::trunc) << file;
  const auto run = load_run({folder.path()});
  if (!run) {
    LUMOS_CHECK(run.error().code == ErrorCode::kUsage);
    LUMOS_CHECK(run.error().message.starts_with((folder / "run.sqlite").string()));
    return;
  }
  const RunSummary summary = summarise(*run);
  LUMOS_CHECK(nlohmann::json::accept(results_json(summary)));
  for (const char c : results_text(summary)) LUMOS_CHECK(c == '\n' || static_cast<unsigned char>(c) >= ' ');
}
