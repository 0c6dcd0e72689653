// A client of an OCI registry over plain HTTP: images go there by their layout and come back blob by blob.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "http/message.h"

namespace lumos {

/// A blob of an image, as a manifest names it.
struct BlobName {
  std::string digest;  // sha256:<64 hexadecimal digits>
  std::int64_t bytes = 0;
};

struct ImageManifest {
  BlobName config;
  std::vector<BlobName> layers;  // lowest first; gzipped archives of tar
};

/// Reads a manifest that anybody may have written. Error: kUsage, it is none, or one of another kind: an index, layers
/// that are no gzipped archives, more than 127 of them, digests that are none or sizes that cannot be.
Expected<ImageManifest> parse_image_manifest(std::string_view text);

/// "/v2/…" of a Location header, whether it names a host or not. Error: kUsage, it is neither.
Expected<std::string> upload_path(std::string_view location);

/// Whether the bytes are those of the digest.
bool has_digest(std::string_view bytes, const std::string& digest);

/// One connection, kept; one request at a time, blocking. Every call ends by the deadline. What comes is checked
/// against its digest: bytes of another one are an error. Errors: kEnvironment, the registry or the way to it does not
/// do what is asked; the message names the registry's path.
class RegistryClient {
 public:
  /// IPv4 in host byte order; deadline: CLOCK_MONOTONIC ns.
  RegistryClient(std::uint32_t address, int port, std::int64_t deadline)
      : address_(address), port_(port), deadline_(deadline) {}

  /// The bytes of the manifest of that digest.
  Expected<std::string> manifest(const std::string& repository, const std::string& digest);
  Expected<std::string> blob(const std::string& repository, const BlobName& name);

  /// Pushes the image of an OCI layout: the blobs that the registry has not, then the manifest.
  Expected<> push(const std::string& repository, const std::filesystem::path& layout);

 private:
  Expected<http::Message> exchange(std::string_view method, const std::string& target, const std::string& type,
                                   std::string_view body);
  Expected<http::Message> exchange_once(const std::string& request, bool head);
  Expected<> wait(short events) const;
  Expected<> connect();
  Expected<> push_blob(const std::string& repository, const std::filesystem::path& layout, const std::string& digest);

  std::uint32_t address_;
  int port_;
  std::int64_t deadline_;
  Fd fd_;
};

}  // namespace lumos
