// Calibrations of one machine, one after the other: how far each value is from the one before it.
#include <cmath>
#include <map>

#include "bench/figures.h"
#include "bench/must.h"
#include "control/environment/calibration.h"
#include "host/placement.h"
#include "policy/placement.h"

using namespace lumos;

int main() {
  constexpr int kCalibrations = 6;
  const CalibrationConfig config{.folder = bench::folders().home,
                                 .core = plan_placement(allowed_cores()).instances.cores.front()};
  std::vector<std::string> names;  // in the order of the kernels
  std::map<std::string, std::vector<double>> values, differences;
  int busy = 0;
  for (int i = 0; i < kCalibrations; ++i) {
    const auto calibration = bench::must(calibrate(config, [](int, int) {}));
    if (calibration.busy()) ++busy;
    for (const KernelSpeed& kernel : calibration.kernels) {
      if (i == 0) names.push_back(kernel.name);
      auto& own = values[kernel.name];
      if (i > 0) differences[kernel.name].push_back(100 * std::abs(kernel.value - own.back()) / own.back());
      own.push_back(kernel.value);
    }
  }
  if (busy > 0) std::printf("others used this machine during %d of %d calibrations\n", busy, kCalibrations);
  for (const std::string& name : names) {
    bench::figure(name, values[name], "", "");
    bench::figure(name + ": to the calibration before", differences[name], "%", name == "disk" ? "" : "≤ 3 %");
  }
  return 0;
}
