// What the benchmarks of cold starts and of cycles do over and over.
#pragma once

#include <initializer_list>
#include <string>

#include "record/plan.h"
#include "record/variant.h"

namespace lumos::bench {

/// `noop`, cold, one deployment and cell for each of these runtimes, all of native code.
inline Plan cold_noop(std::initializer_list<std::string> runtimes) {
  Plan plan{.name = "bench"};
  plan.inputs.push_back({.content_type = "application/json", .body = "{}", .made = true});
  for (const auto& runtime : runtimes) {
    const auto id = static_cast<std::int64_t>(plan.deployments.size());
    plan.deployments.push_back(
        {.id = id, .function = "noop", .runtime = runtime, .variant = variant_of(ArtefactKind::kNative)});
    plan.cells.push_back(
        {.id = id, .deployment = id, .factors = nlohmann::ordered_json::object(), .start = Start::kCold});
  }
  return plan;
}

}  // namespace lumos::bench
