// The local backend for a plan, with all its processes wired together.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "base/fd.h"
#include "base/subprocess.h"
#include "control/backend/backend.h"
#include "control/build/artefact.h"
#include "control/build/storage_tools.h"
#include "record/plan.h"
#include "record/wire.h"

namespace lumos {

/// What must be built for a plan; runtimes on the same artefact name it each. Error: kUsage, a runtime is unknown.
Expected<std::vector<ArtefactId>> artefacts_of(const Plan& plan);

/// Of them, those that are images of somebody else's: unpacked, or found so. Errors as unpack_image.
Expected<std::vector<Artefact>> given_images(CommandRunner& runner, const Plan& plan,
                                             const std::filesystem::path& home);

/// Fills the deployments' image digests and sizes from what was built, and looks whether the unpacked images still are
/// that. Error: kInternal, an artefact is missing.
Expected<> describe_images(Plan& plan, const std::vector<Artefact>& artefacts);

struct LocalRun {
  std::filesystem::path home;       // below it the marks of living runs
  std::filesystem::path log;        // what the processes of the run say when something is wrong
  std::int64_t first_instance = 1;  // the first free Instance::id
  StorageTools tools;               // built where the plan has storage
};

/// What is seen of a deployment that is served to whoever asks.
struct ServeHooks {
  std::function<void()> begun;                                    // it may be asked
  std::function<void(const wire::GatewayRecord& request)> ended;  // of each request
  std::function<bool()> interrupted;                              // asked five times a second
};

/// Serves the plan's one deployment to the clients of `listener`, which does not block, until it is interrupted; then
/// ends its instances. Leaves this process's network and mount namespaces. Error: kEnvironment.
Expected<> serve_local(const Plan& plan, const std::vector<Artefact>& artefacts, const LocalRun& run, Fd listener,
                       const ServeHooks& hooks);

/// Removes what killed runs left, then starts launcher, gateway and generator for `plan`, which outlives the backend.
/// Error: kEnvironment.
Expected<std::unique_ptr<Backend>> start_local_backend(const Plan& plan, const std::vector<Artefact>& artefacts,
                                                       const LocalRun& run);

}  // namespace lumos
