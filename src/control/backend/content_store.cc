#include "control/backend/content_store.h"

#include "base/file.h"
#include "host/process.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

fs::path layer_folder(const fs::path& store, const std::string& digest) {
  return store / "layers" / digest.substr(digest.find(':') + 1);
}

fs::path blob_file(const fs::path& store, const std::string& digest) {
  return store / "blobs" / digest.substr(digest.find(':') + 1);
}

Expected<> make_folders(const fs::path& store) {
  std::error_code error;
  for (const char* name : {"layers", "blobs"}) {
    if (!error) fs::create_directories(store / name, error);
  }
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", store.string(), error.message());
  return {};
}

// Archives that end without the blocks of zeros that end one (umoci's `insert` makes such) get them: else tar takes
// them for cut. One that has them is not read to its end: gzip ends by SIGPIPE then. tar splits the words of this
// itself.
constexpr const char* kDecompress =
    "/bin/sh -c 'gzip -d; r=$?; test $r = 141 && exit 0; head -c 10240 /dev/zero; exit $r' sh";

// GNU tar leaves out of paths what would lead elsewhere, and makes links last: an archive cannot write outside of its
// folder. It says so in the log. The folder gets its name when it is whole.
Expected<Nanoseconds> unpack(const fs::path& blob, const fs::path& folder, int log) {
  const fs::path part = folder.string() + ".part";
  std::error_code error;
  fs::create_directories(part, error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", part.string(), error.message());
  const auto end = LUMOS_TRY(run_program(
      {"/usr/bin/tar", "--extract", "--use-compress-program", kDecompress, "--preserve-permissions",
       "--delay-directory-restore", "--numeric-owner", "--file", blob.string(), "--directory", part.string()},
      log));
  if (end.exit_code != 0) return fail(ErrorCode::kEnvironment, "{}: tar ended with {}", blob.string(), end.exit_code);
  fs::rename(part, folder, error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  return end.cpu;
}

}  // namespace

Expected<LayersThere> empty_store(const fs::path& store, const ImageManifest& image,
                                  const std::vector<std::pair<std::string, fs::path>>& kept) {
  std::error_code error;
  fs::remove_all(store, error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", store.string(), error.message());
  LUMOS_TRY(make_folders(store));
  for (const auto& [digest, root] : kept) {
    fs::create_directory_symlink(root, layer_folder(store, digest), error);
    if (error) return fail(ErrorCode::kEnvironment, "{}: {}", store.string(), error.message());
  }
  LayersThere result{.layers = std::ssize(image.layers)};
  for (const auto& layer : image.layers) {
    const bool there = fs::exists(layer_folder(store, layer.digest)) || fs::exists(blob_file(store, layer.digest));
    result.there += there ? 1 : 0;
  }
  return result;
}

Expected<Pulled> pull_image(const PullSource& from, std::int64_t deadline, int log) {
  LUMOS_TRY(make_folders(from.store));
  Pulled pulled{.pull_begin = monotonic_ns()};
  RegistryClient registry(from.address, from.port, deadline);
  const std::string text = LUMOS_TRY(registry.manifest(from.repository, from.digest));
  const ImageManifest image = LUMOS_TRY(parse_image_manifest(text));
  const std::string config = LUMOS_TRY(registry.blob(from.repository, image.config));
  pulled.bytes = std::ssize(text) + std::ssize(config);
  std::vector<std::string> missing;
  for (const auto& layer : image.layers) {
    if (fs::exists(layer_folder(from.store, layer.digest))) continue;
    const std::string bytes = LUMOS_TRY(registry.blob(from.repository, layer));
    LUMOS_TRY(write_file(blob_file(from.store, layer.digest), bytes));
    pulled.bytes += std::ssize(bytes);
    missing.push_back(layer.digest);
  }
  pulled.pull_end = pulled.unpack_begin = monotonic_ns();
  for (const auto& digest : missing) {
    const fs::path folder = layer_folder(from.store, digest);
    if (fs::exists(folder)) continue;  // an image may name a layer twice
    pulled.helpers_cpu += LUMOS_TRY(unpack(blob_file(from.store, digest), folder, log));
  }
  std::string root;
  for (auto layer = image.layers.rbegin(); layer != image.layers.rend(); ++layer)
    root += (root.empty() ? "" : ":") + layer_folder(from.store, layer->digest).string();
  pulled.root = root;
  pulled.unpack_end = monotonic_ns();
  return pulled;
}

}  // namespace lumos
