// The registry from which a run's starts pull their images, where any of them does.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "control/backend/local.h"
#include "control/build/artefact.h"
#include "record/plan.h"

namespace lumos {

/// Whether any deployment of the plan pulls its image.
bool pulls(const Plan& plan);

/// What a deployment pulls and what of it is there before: the layers of its base, when it says so, as the build
/// unpacked them below `home`. Error: kUsage, its image is none; kInternal, its base is not there.
Expected<PulledLayers> pulled_layers(const Deployment& deployment, const Artefact& artefact,
                                     const std::filesystem::path& home);

/// Whence: the registry's address as the node reaches it.
PullSource pull_source(const Deployment& deployment, const Artefact& artefact, std::uint32_t address);

/// Until here the stores of both are names alone, a deployment's own.
void put_stores_below(const std::filesystem::path& folder, LocalConfig& config);

/// The folder of a run for images that are pulled and for the registry's own; removed at the end.
class RunContent {
 public:
  RunContent(const std::filesystem::path& home, const std::string& tag) : folder_(home / "content" / tag) {}
  RunContent(const RunContent&) = delete;
  RunContent& operator=(const RunContent&) = delete;
  ~RunContent();

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

/// Pushes the images of the deployments that are pulled. The registry listens. Error: kEnvironment.
Expected<> fill_registry(const Plan& plan, const std::vector<const Artefact*>& by_deployment);

}  // namespace lumos
