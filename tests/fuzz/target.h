// What every fuzz target is: a function that takes any bytes, and aborts when a promise of the parser is broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"

/// The target's own, one per program.
void run_target(std::string_view input);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  run_target({reinterpret_cast<const char*>(data), size});
  return 0;
}
