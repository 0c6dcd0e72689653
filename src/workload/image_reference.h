// How an image in an OCI registry is called.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace lumos {

/// HOST[:PORT]/NAME:TAG or HOST[:PORT]/NAME@DIGEST: of tag and digest exactly one is there.
struct ImageReference {
  std::string registry;  // HOST or HOST:PORT
  std::string name;      // without the registry
  std::string tag;
  std::string digest;  // sha256:…

  /// "registry.example/shop:v1".
  std::string text() const;
  /// Whether the registry is this machine's own, by the address: then plain HTTP will do.
  bool is_local() const;
  bool operator==(const ImageReference&) const = default;
};

/// Reads [docker://]HOST[:PORT]/NAME[:TAG|@sha256:…]; the tag is "latest" where it says none. No registry is assumed.
/// Error: kUsage, the message is to follow the name of what it was read from.
Expected<ImageReference> parse_image_reference(std::string_view text);

}  // namespace lumos
