// Images of an OCI registry: pulled by skopeo, once per digest, into <home>/images/.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/subprocess.h"
#include "record/plan.h"
#include "workload/image_reference.h"

namespace lumos {

struct PulledImage {
  std::filesystem::path layout;  // an OCI layout with one image, for this machine's processor
  std::string digest;            // sha256:…, what the registry has under that name: an image, or an index of images
};

/// Asks the registry what a tag is now, and pulls it unless this digest is there. A digest that is there is taken
/// without asking. Registries off this machine are reached over TLS only; credentials are skopeo's to find. Error:
/// kEnvironment with the reference's name and what to do: no such image, a registry that cannot be reached, that wants
/// credentials, that has no TLS.
Expected<PulledImage> pull_image(CommandRunner& runner, const ImageReference& reference,
                                 const std::filesystem::path& home);

/// Pulls every image that the plan's functions name of a registry, and says in the plan which it was and where it is.
/// One that has its digest already (of a run that is gone on with) is taken by that. `progress` hears each name.
Expected<> pull_images(CommandRunner& runner, Plan& plan, const std::filesystem::path& home,
                       const std::function<void(const std::string& reference)>& progress);

}  // namespace lumos
