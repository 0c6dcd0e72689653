// Whole outputs against tests/golden/. LUMOS_UPDATE_GOLDEN=1 rewrites the files; read the difference before you commit
// it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "report/results_json.h"
#include "report/results_text.h"
#include "tests/support/synthetic_run.h"

namespace lumos {
namespace {

void expect_golden(const std::string& name, const std::string& actual) {
  const auto path = std::filesystem::path(LUMOS_SOURCE_DIR) / "tests/golden" / name;
  if (std::getenv("LUMOS_UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file(path, actual).has_value()) << path;
    return;
  }
  const auto expected = read_file(path);
  ASSERT_TRUE(expected.has_value()) << expected.error().message << "\nnext: LUMOS_UPDATE_GOLDEN=1 ctest -L golden";
  EXPECT_EQ(actual, *expected);
}

/// Two functions under five runtimes, everything in order.
SyntheticRun sound() {
  SyntheticRun made("20260131T235958Z-smoke");
  struct Speed {
    const char* runtime;
    std::int64_t cold_us, warm_us, fibonacci_us;
  };
  for (const Speed& speed :
       {Speed{"sandbox", 3'100, 240, 4'000}, Speed{"runc", 49'500, 245, 4'010}, Speed{"crun", 14'200, 243, 4'000},
        Speed{"wasm-interp", 21'000, 420, 232'000}, Speed{"wasm-aot", 46'000, 330, 4'400}}) {
    made.add_cold(made.add_cell("noop", nullptr, speed.runtime, Start::kCold), 20, speed.cold_us);
    made.add_warm(made.add_cell("noop", nullptr, speed.runtime, Start::kWarm), 8, 40, speed.warm_us);
    made.add_warm(made.add_cell("fibonacci", 1'000'000, speed.runtime, Start::kWarm), 8, 10, speed.fibonacci_us);
  }
  return made;
}

/// What can go wrong in a cold crun, wasm-interp and wasm-aot.
SyntheticRun broken() {
  SyntheticRun made("20260131T235958Z-broken");
  const auto crun = made.add_cell("noop", nullptr, "crun", Start::kCold);
  const auto interp = made.add_cell("noop", nullptr, "wasm-interp", Start::kCold);
  const auto aot = made.add_cell("noop", nullptr, "wasm-aot", Start::kCold);
  made.add_cell("noop", nullptr, "runc", Start::kCold);  // never measured
  made.add_cold(crun, 12, 14'200);
  made.add_cold(interp, 4, 21'000);
  made.add_cold(aot, 12, 46'000);
  for (std::size_t i = 0; i < 6; ++i) made.measured(crun)[i]->outcome = i < 4 ? Outcome::kTimeout : Outcome::kRefused;
  made.measured(interp)[0]->start_verified.reset();
  made.instances(aot)[2]->aot_code_bytes = 0;
  made.instances(aot)[2]->note = "[warning] AOT section failed to load,\nfall back to interpreter";
  made.instances(aot)[3]->memory_peak_bytes.reset();
  made.run.visits.back().finished = false;
  return made;
}

TEST(Golden, SoundResultsAsText) { expect_golden("results_sound.txt", results_text(summarise(sound().run))); }

TEST(Golden, BrokenResultsAsText) { expect_golden("results_broken.txt", results_text(summarise(broken().run))); }

TEST(Golden, BrokenResultsAsJson) { expect_golden("results_broken.json", results_json(summarise(broken().run))); }

}  // namespace
}  // namespace lumos
