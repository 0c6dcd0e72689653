#include "control/build/registry_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/file.h"
#include "control/build/image.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSha256 = "sha256:";
constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr std::int64_t kLargestBlob = static_cast<std::int64_t>(http::kMaxBodyBytes);
constexpr std::size_t kMostLayers = 127, kLargestManifest = 4 << 20;

Expected<BlobName> blob_name(const nlohmann::json& j) {
  const auto digest = j.at("digest").get<std::string>();
  const bool valid = digest.starts_with(kSha256) && digest.size() == kSha256.size() + 64 &&
                     digest.find_first_not_of("0123456789abcdef", kSha256.size()) == std::string::npos;
  const auto& size = j.at("size");
  if (!valid || !size.is_number_integer()) return fail(ErrorCode::kUsage, "a blob without digest or size");
  const auto bytes = size.get<std::int64_t>();
  if (bytes < 0 || bytes > kLargestBlob) return fail(ErrorCode::kUsage, "a blob of {} bytes", bytes);
  return BlobName{.digest = digest, .bytes = bytes};
}

fs::path blob_file(const fs::path& layout, const std::string& digest) {
  return layout / "blobs" / "sha256" / digest.substr(kSha256.size());
}

}  // namespace

Expected<ImageManifest> parse_image_manifest(std::string_view text) {
  try {
    if (text.size() > kLargestManifest) return fail(ErrorCode::kUsage, "a manifest of {} bytes", text.size());
    const auto j = nlohmann::json::parse(text);
    ImageManifest manifest{.config = LUMOS_TRY(blob_name(j.at("config")))};
    for (const auto& layer : j.at("layers")) {
      const auto type = layer.at("mediaType").get<std::string>();
      if (!type.ends_with(".tar+gzip") && !type.ends_with(".tar.gzip"))
        return fail(ErrorCode::kUsage, "a layer that is no gzipped archive");
      if (manifest.layers.size() == kMostLayers) return fail(ErrorCode::kUsage, "more than {} layers", kMostLayers);
      manifest.layers.push_back(LUMOS_TRY(blob_name(layer)));
    }
    return manifest;
  } catch (const std::exception& broken) {
    return fail(ErrorCode::kUsage, "not the manifest of an image: {}", broken.what());
  }
}

Expected<std::string> upload_path(std::string_view location) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (location.starts_with(scheme))
      location.remove_prefix(std::min(location.find('/', scheme.size()), location.size()));
  }
  const bool plain = std::ranges::all_of(location, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!location.starts_with("/v2/") || !plain || location.size() > 4096)
    return fail(ErrorCode::kUsage, "an upload without a place");
  return std::string(location);
}

bool has_digest(std::string_view bytes, const std::string& digest) {
  return std::string(kSha256) + sha256(bytes) == digest;
}

Expected<> RegistryClient::wait(short events) const {
  const std::int64_t left = deadline_ - monotonic_ns();
  const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
  pollfd poll{fd_.get(), events, 0};
  if (left > 0 && ::ppoll(&poll, 1, &timeout, nullptr) > 0) return {};
  return fail(ErrorCode::kEnvironment, "the registry did not answer in time");
}

Expected<> RegistryClient::connect() {
  fd_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return fail_errno("a socket to the registry");
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(address_);
  to.sin_port = htons(static_cast<std::uint16_t>(port_));
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
    return fail_errno("the registry");
  return wait(POLLOUT);
}

Expected<http::Message> RegistryClient::exchange_once(const std::string& request, bool head) {
  for (std::string_view left = request; !left.empty();) {
    const ssize_t n = ::send(fd_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (n >= 0) left.remove_prefix(static_cast<std::size_t>(n));
    if (n < 0 && errno != EAGAIN) return fail_errno("the registry");
    if (n < 0) LUMOS_TRY(wait(POLLOUT));
  }
  http::Parser parser(http::Parser::Kind::kResponse);
  std::string first;  // the answer to HEAD ends with its head, whatever length that names
  std::array<char, 65536> buffer;
  for (;;) {
    LUMOS_TRY(wait(POLLIN));
    const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) return fail(ErrorCode::kEnvironment, "the registry closed the connection");
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
    if (head) {
      first += bytes;
      if (!first.contains("\r\n\r\n")) continue;
      http::Message message{.status = first.starts_with("HTTP/1.1 200") ? 200 : 404};
      return message;
    }
    LUMOS_TRY(parser.feed(bytes));
    if (parser.complete()) return parser.take();
  }
}

// A registry may close a connection that was not used for a while.
Expected<http::Message> RegistryClient::exchange(std::string_view method, const std::string& target,
                                                 const std::string& type, std::string_view body) {
  std::vector<std::pair<std::string, std::string>> headers{{"Accept", kManifestType}};
  if (!type.empty()) headers.emplace_back("Content-Type", type);
  const std::string request = http::format_request(method, target, "registry", headers, body);
  const bool kept = static_cast<bool>(fd_);
  if (!kept) LUMOS_TRY(connect());
  auto answer = exchange_once(request, method == "HEAD");
  if (!answer && kept) {
    LUMOS_TRY(connect());
    answer = exchange_once(request, method == "HEAD");
  }
  if (!answer) fd_.reset();
  if (!answer) return fail(ErrorCode::kEnvironment, "{} {}: {}", method, target, answer.error().message);
  if (!answer->keep_alive && method != "HEAD") fd_.reset();
  return answer;
}

Expected<std::string> RegistryClient::manifest(const std::string& repository, const std::string& digest) {
  const std::string target = std::format("/v2/{}/manifests/{}", repository, digest);
  auto answer = LUMOS_TRY(exchange("GET", target, "", ""));
  if (answer.status != 200) return fail(ErrorCode::kEnvironment, "{}: the registry answers {}", target, answer.status);
  if (!has_digest(answer.body, digest)) return fail(ErrorCode::kEnvironment, "{}: its bytes are others", target);
  return std::move(answer.body);
}

Expected<std::string> RegistryClient::blob(const std::string& repository, const BlobName& name) {
  const std::string target = std::format("/v2/{}/blobs/{}", repository, name.digest);
  auto answer = LUMOS_TRY(exchange("GET", target, "", ""));
  if (answer.status != 200) return fail(ErrorCode::kEnvironment, "{}: the registry answers {}", target, answer.status);
  if (std::ssize(answer.body) != name.bytes || !has_digest(answer.body, name.digest))
    return fail(ErrorCode::kEnvironment, "{}: its bytes are others", target);
  return std::move(answer.body);
}

Expected<> RegistryClient::push_blob(const std::string& repository, const fs::path& layout, const std::string& digest) {
  const std::string target = std::format("/v2/{}/blobs/{}", repository, digest);
  const auto there = LUMOS_TRY(exchange("HEAD", target, "", ""));
  if (there.status == 200) return {};
  const std::string bytes = LUMOS_TRY(read_file(blob_file(layout, digest), http::kMaxBodyBytes));
  const auto begun = LUMOS_TRY(exchange("POST", std::format("/v2/{}/blobs/uploads/", repository), "", ""));
  if (begun.status != 202) return fail(ErrorCode::kEnvironment, "{}: an upload is answered {}", target, begun.status);
  const std::string path = LUMOS_TRY(upload_path(begun.header("location")));
  const std::string put = path + (path.contains('?') ? "&" : "?") + "digest=" + digest;
  const auto put_answer = LUMOS_TRY(exchange("PUT", put, "application/octet-stream", bytes));
  if (put_answer.status != 201)
    return fail(ErrorCode::kEnvironment, "{}: the blob is answered {}", target, put_answer.status);
  return {};
}

Expected<> RegistryClient::push(const std::string& repository, const fs::path& layout) {
  const Image image = LUMOS_TRY(read_image(layout));
  const std::string bytes = LUMOS_TRY(read_file(blob_file(layout, image.digest), kLargestManifest));
  const ImageManifest manifest = LUMOS_TRY(parse_image_manifest(bytes));
  LUMOS_TRY(push_blob(repository, layout, manifest.config.digest));
  for (const auto& layer : manifest.layers) LUMOS_TRY(push_blob(repository, layout, layer.digest));
  const std::string target = std::format("/v2/{}/manifests/{}", repository, image.digest);
  const auto answer = LUMOS_TRY(exchange("PUT", target, kManifestType, bytes));
  if (answer.status != 201) return fail(ErrorCode::kEnvironment, "{}: the registry answers {}", target, answer.status);
  return {};
}

}  // namespace lumos
