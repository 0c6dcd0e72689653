#include "control/build/image.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/file.h"

namespace lumos {
namespace fs = std::filesystem;
namespace {

// A layer carries its files' times: a fixed one makes the digest a function of the content.
Expected<> settle(const fs::path& file) {
  const timespec epoch[2] = {{0, 0}, {0, 0}};
  if (::utimensat(AT_FDCWD, file.c_str(), epoch, 0) != 0 || ::chmod(file.c_str(), 0755) != 0)
    return fail_errno(file.string());
  return {};
}

// A layout that goes on from the base's: its own index, the base's blobs (hard links: nobody changes a blob).
Expected<> begin_on(const BaseImage& base, const fs::path& layout) {
  std::error_code error;
  fs::create_directories(layout, error);
  for (const char* name : {"index.json", "oci-layout"}) {
    if (!error) fs::copy_file(base.layout() / name, layout / name, error);
  }
  if (!error)
    fs::copy(base.layout() / "blobs", layout / "blobs",
             fs::copy_options::recursive | fs::copy_options::create_hard_links, error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", layout.string(), error.message());
  return {};
}

Expected<> begin(CommandRunner& runner, const BaseImage* base, const fs::path& layout) {
  if (base != nullptr) return begin_on(*base, layout);
  LUMOS_TRY(run_checked(runner, {.argv = {"umoci", "init", "--layout", layout.string()}}));
  LUMOS_TRY(run_checked(runner, {.argv = {"umoci", "new", "--image", layout.string() + ":latest"}}));
  return {};
}

// The base is unpacked once; an image on it has hard links of its files, so that the page cache holds them once, as
// where layers are stacked.
Expected<> unpack(CommandRunner& runner, const BaseImage* base, const std::string& tag, const fs::path& file,
                  const std::string& target, const fs::path& bundle) {
  if (base == nullptr) {
    LUMOS_TRY(run_checked(runner, {.argv = {"umoci", "unpack", "--image", tag, bundle.string()}}));
    return {};
  }
  const fs::path root = bundle / "rootfs", inside = root / fs::path(target).relative_path();
  std::error_code error;
  fs::create_directories(bundle, error);
  LUMOS_TRY(run_checked(runner, {.argv = {"cp", "--archive", "--link", base->root().string(), root.string()}}));
  fs::copy_file(file, inside, error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", inside.string(), error.message());
  return settle(inside);
}

}  // namespace

Expected<Image> make_image(CommandRunner& runner, const fs::path& folder, const fs::path& file,
                           const std::string& target, bool wasm, const BaseImage* base) {
  const fs::path layout = folder / "image";
  const std::string tag = layout.string() + ":latest";
  LUMOS_TRY(settle(file));
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  LUMOS_TRY(begin(runner, base, layout));
  std::vector<std::string> config{
      "umoci",   "config", "--no-history", "--created", "1970-01-01T00:00:00Z", "--config.entrypoint", target,
      "--image", tag};
  if (wasm) config.insert(config.end() - 2, {"--manifest.annotation", "run.oci.handler=wasm"});
  const std::vector<std::vector<std::string>> steps{
      {"umoci", "insert", "--no-history", "--image", tag, file.string(), target},
      config,
      {"umoci", "gc", "--layout", layout.string()}};
  for (const auto& argv : steps) LUMOS_TRY(run_checked(runner, {.argv = argv}));
  LUMOS_TRY(unpack(runner, base, tag, file, target, folder / "bundle"));
  return read_image(layout);
}

Expected<Image> read_image(const fs::path& layout) {
  const auto index = nlohmann::json::parse(LUMOS_TRY(read_file(layout / "index.json")), nullptr, false);
  const nlohmann::json digest =
      !index.is_object() ? nullptr : index.value("/manifests/0/digest"_json_pointer, nlohmann::json());
  if (!digest.is_string()) return fail(ErrorCode::kUsage, "{}: not an OCI layout with an image", layout.string());
  return Image{.digest = digest, .bytes = bytes_below(layout / "blobs")};
}

}  // namespace lumos
