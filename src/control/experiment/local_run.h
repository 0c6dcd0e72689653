// The local backend for a plan, with all its processes wired together.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "control/backend/backend.h"
#include "control/build/artefact.h"
#include "record/plan.h"

namespace lumos {

/// Fills the deployments' image digests and sizes from what was built. Error: kInternal, an artefact is missing.
Expected<> describe_images(Plan& plan, const std::vector<Artefact>& artefacts);

/// Removes what killed runs left, then starts launcher, gateway and generator for `plan`, which outlives the backend. `home` is where
/// the marks of living runs are; `first_instance` the first free Instance::id. Error: kEnvironment.
Expected<std::unique_ptr<Backend>> start_local_backend(const Plan& plan, const std::vector<Artefact>& artefacts,
                                                       const std::filesystem::path& home, std::int64_t first_instance);

}  // namespace lumos
