// For tests: four functions, the five runtimes and two devices, as an experiment may name them.
#pragma once

#include "workload/experiment.h"

namespace lumos {

inline KnownNames example_names() {
  Function fibonacci{.name = "fibonacci", .description = "modular Fibonacci", .kind = "compute"};
  fibonacci.payload = PayloadSchema{.field = "n", .min = 0, .max = 1'000'000'000, .default_value = 1'000'000};
  fibonacci.expected = {{10'000, "f1"}, {1'000'000, "f2"}};
  Function noop{.name = "noop", .description = "answers", .kind = "small"};
  noop.expected = {{nullptr, "n1"}};
  Function shift{.name = "shift", .description = "takes any integer", .kind = "compute"};
  shift.formats = {"json", "cbor"};
  shift.payload = PayloadSchema{.field = "by", .min = INT64_MIN, .max = INT64_MAX, .default_value = 0};
  Function copy{.name = "copy", .description = "works on an object", .kind = "data", .stored = true};
  copy.expected = {{nullptr, "c1"}};
  Device half{.name = "slice-1c-0.5", .cores = 1};
  half.quota = std::chrono::milliseconds(50);
  half.period = std::chrono::milliseconds(100);
  return {FunctionCatalogue({fibonacci, noop, shift, copy}),
          {"sandbox", "runc", "crun", "wasm-interp", "wasm-aot"},
          {half, Device{.name = "slice-1c-1", .cores = 1}},
          nullptr};
}

}  // namespace lumos
