#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/units.h"
#include "cli/progress.h"
#include "cli/verb.h"
#include "control/environment/calibration_file.h"
#include "host/placement.h"
#include "policy/placement.h"
#include "report/calibration_text.h"
#include "telemetry/fingerprint.h"

namespace lumos {
namespace {

VerbResult calibrate_machine(const Places& places, bool json) {
  const auto fingerprint = machine_fingerprint();
  std::error_code ignored;
  std::filesystem::create_directories(places.home, ignored);
  const CalibrationConfig config{.folder = places.home,
                                 .core = plan_placement(allowed_cores()).instances.cores.front()};
  const std::int64_t begin = monotonic_ns();
  const Calibration result = LUMOS_TRY([&] {
    ProgressLine line;
    return calibrate(config, [&](int done, int rounds) {
      // The first round comes after the kernels were sized, which takes about as long as one.
      const Nanoseconds left((monotonic_ns() - begin) / (done + 1) * (rounds - done));
      line.show(std::format("calibrating: round {} of {}, {} left", done + 1, rounds, format_duration(left)));
    });
  }());
  LUMOS_TRY(keep_calibration(calibration_file(places.home, fingerprint), result));
  if (json) {
    auto document = to_json(result);
    document["machine"] = fingerprint;
    std::printf("%s\n", document.dump(2).c_str());
  } else {
    std::printf("%snext: ./lumos run experiments/smoke.yaml, whose manifest will hold these numbers\n",
                calibration_text(result).c_str());
  }
  return 0;
}

}  // namespace

void add_calibrate(CLI::App& app, const Places& places, VerbResult& result) {
  auto* verb = app.add_subcommand("calibrate",
                                  "How fast this machine is, in eight small kernels; kept for the manifests of runs");
  auto json = std::make_shared<bool>(false);
  verb->add_flag("--json", *json, "Machine-readable (docs/calibrate.md)");
  verb->callback([&places, &result, json] { result = calibrate_machine(places, *json); });
}

}  // namespace lumos
