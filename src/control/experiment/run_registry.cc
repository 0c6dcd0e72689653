#include "control/experiment/run_registry.h"

#include <algorithm>
#include <set>

#include "base/file.h"
#include "control/build/image.h"
#include "control/environment/registry_server.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPushPatience = 120'000'000'000;  // ns, of all images

std::string store_name(const Deployment& deployment) { return std::to_string(deployment.id); }

// By its digest: what functions and variants are called is not always a name for a registry (no capital letters).
std::string repository_of(const Artefact& artefact) {
  return "lumos/" + artefact.digest.substr(artefact.digest.find(':') + 1);
}

Expected<ImageManifest> manifest_of(const fs::path& layout) {
  const Image image = LUMOS_TRY(read_image(layout));
  const std::string text =
      LUMOS_TRY(read_file(layout / "blobs" / "sha256" / image.digest.substr(image.digest.find(':') + 1)));
  return LUMOS_TRY(parse_image_manifest(text));
}

// The unpacked base whose one layer has the digest.
Expected<fs::path> unpacked_base(const fs::path& home, const std::string& digest) {
  std::error_code error;
  for (auto it = fs::directory_iterator(home / "artefacts" / "bases", error); !error && it != fs::end(it);
       it.increment(error)) {
    const auto manifest = manifest_of(it->path() / "image");
    if (manifest && manifest->layers.size() == 1 && manifest->layers[0].digest == digest) return it->path() / "rootfs";
  }
  return fail(ErrorCode::kInternal, "{}: no unpacked base has this layer", digest);
}

}  // namespace

bool pulls(const Plan& plan) {
  return std::ranges::any_of(plan.deployments, [](const Deployment& d) { return d.environment.pulled.has_value(); });
}

Expected<PulledLayers> pulled_layers(const Deployment& deployment, const Artefact& artefact, const fs::path& home) {
  PulledLayers layers{.store = store_name(deployment), .image = LUMOS_TRY(manifest_of(artefact.layout())), .kept = {}};
  if (deployment.environment.pulled == CacheState::kBaseCached && artefact.id.variant.base == Base::kDebianSlim) {
    const std::string& digest = layers.image.layers.at(0).digest;
    layers.kept.emplace_back(digest, LUMOS_TRY(unpacked_base(home, digest)));
  }
  return layers;
}

PullSource pull_source(const Deployment& deployment, const Artefact& artefact, std::uint32_t address) {
  return {.address = address,
          .port = kRegistryPort,
          .repository = repository_of(artefact),
          .digest = artefact.digest,
          .store = store_name(deployment)};
}

void put_stores_below(const fs::path& folder, LocalConfig& config) {
  for (auto& files : config.files) {
    if (files.pulled) files.pulled->store = folder / files.pulled->store;
  }
  for (auto& spec : config.launcher.specs) {
    if (spec.pull) spec.pull->store = folder / spec.pull->store;
  }
}

RunContent::~RunContent() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  fs::remove(folder_.parent_path(), ignored);  // when no other run has any
}

Expected<> fill_registry(const Plan& plan, const std::vector<const Artefact*>& by_deployment) {
  RegistryClient registry(kRegistryAddress, kRegistryPort, monotonic_ns() + kPushPatience);
  std::set<std::string> pushed;
  for (const auto& d : plan.deployments) {
    const Artefact& artefact = *by_deployment.at(static_cast<std::size_t>(d.id));
    if (!d.environment.pulled || !pushed.insert(repository_of(artefact)).second) continue;
    LUMOS_TRY(registry.push(repository_of(artefact), artefact.layout()));
  }
  return {};
}

}  // namespace lumos
