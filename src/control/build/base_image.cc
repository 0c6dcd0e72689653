#include "control/build/base_image.h"

#include <sys/stat.h>

#include <set>

#include "base/clock.h"
#include "base/file.h"
#include "control/build/image.h"
#include "record/json.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecipe = "debian-slim 1";

// As Debian's slim images: https://github.com/debuerreotype/debuerreotype/blob/master/scripts/.slimify-excludes
bool left_out(const std::string& path) {
  for (const char* folder : {"/usr/share/man/", "/usr/share/info/", "/usr/share/locale/", "/usr/share/groff/",
                             "/usr/share/lintian/", "/usr/share/linda/"}) {
    if (path.starts_with(folder)) return true;
  }
  return path.starts_with("/usr/share/doc/") && !path.ends_with("/copyright");
}

struct SkeletonFolder {
  const char* name;
  mode_t mode;
};

// Folders that a running system mounts over: what is seen of them there is not the package's. Made anew, with the modes
// that Debian gives them.
constexpr SkeletonFolder kMountPoints[] = {
    {"boot", 0755}, {"dev", 0755}, {"home", 0755}, {"media", 0755}, {"mnt", 0755},  {"opt", 0755},     {"proc", 0755},
    {"root", 0700}, {"run", 0755}, {"srv", 0755},  {"sys", 0755},   {"tmp", 01777}, {"var/tmp", 01777}};

bool is_mounted_over(const std::string& relative) {
  return std::ranges::any_of(kMountPoints, [&](const auto& m) {
    return relative == m.name || relative.starts_with(std::string(m.name) + '/');
  });
}

// Paths below `system` that the packages own, without leading '/', each parent resolved: a package may still say /lib
// for /usr/lib.
Expected<std::set<std::string>> files_of_base(CommandRunner& runner, const std::vector<std::string>& packages,
                                              const fs::path& system) {
  std::set<std::string> kept;
  for (const auto& [package, paths] : LUMOS_TRY(files_of_packages(runner, packages))) {
    for (const auto& path : paths) {
      if (path == "/." || left_out(path)) continue;  // tar would take "/." for everything
      std::error_code error;
      const fs::path parent = fs::canonical(system / fs::path(path).parent_path().relative_path(), error);
      if (error) continue;
      const fs::path real = parent / fs::path(path).filename();
      const std::string relative = real.lexically_relative(fs::canonical(system, error)).string();
      if (fs::symlink_status(real, error).type() != fs::file_type::not_found && !is_mounted_over(relative))
        kept.insert(relative);
    }
  }
  return kept;
}

Expected<> make_folder(const fs::path& folder, mode_t mode) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || ::chmod(folder.c_str(), mode) != 0)
    return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  return {};
}

// What no package owns but every Debian has: mount points, the accounts, and dpkg's list of what is installed.
Expected<std::set<std::string>> make_skeleton(CommandRunner& runner, const std::vector<std::string>& packages,
                                              const fs::path& system, const fs::path& skeleton) {
  std::set<std::string> paths;
  for (const auto& [name, mode] : kMountPoints) {
    LUMOS_TRY(make_folder(skeleton / name, mode));
    paths.insert(name);
  }
  LUMOS_TRY(make_folder(skeleton / "etc", 0755));
  LUMOS_TRY(make_folder(skeleton / "var/lib/dpkg", 0755));
  for (const char* name : {"passwd", "group"}) {
    const auto text = LUMOS_TRY(read_file(system / "usr/share/base-passwd" / (std::string(name) + ".master")));
    LUMOS_TRY(write_file(skeleton / "etc" / name, text));
    paths.insert(std::string("etc/") + name);
  }
  Command status{.argv = {"dpkg-query", "--status"}};
  status.argv.insert(status.argv.end(), packages.begin(), packages.end());
  const auto installed = LUMOS_TRY(run_checked(runner, status));
  LUMOS_TRY(write_file(skeleton / "var/lib/dpkg/status", installed.output));
  paths.insert("var/lib/dpkg/status");
  return paths;
}

// A list as tar reads it from its standard input.
std::string nul_separated(const std::set<std::string>& paths) {
  std::string text;
  for (const auto& path : paths) text += path + '\0';
  return text;
}

// One archive, sorted, with every time at the epoch: its bytes depend on the files alone.
Expected<> make_layer(CommandRunner& runner, const std::vector<std::string>& packages, const fs::path& system,
                      const fs::path& folder) {
  const fs::path skeleton = folder / "skeleton", layer = folder / "layer.tar";
  const auto made = LUMOS_TRY(make_skeleton(runner, packages, system, skeleton));
  const auto owned = LUMOS_TRY(files_of_base(runner, packages, system));
  const auto archive = [&](const char* mode, const fs::path& from, const std::set<std::string>& paths) {
    return run_checked(runner,
                       {.argv = {"tar", mode, "--file", layer.string(), "--format=gnu", "--numeric-owner", "--mtime=@0",
                                 "--no-recursion", "--directory", from.string(), "--null", "--files-from=-"},
                        .input = nul_separated(paths)});
  };
  LUMOS_TRY(archive("--create", system, owned));
  LUMOS_TRY(archive("--append", skeleton, made));
  return {};
}

Expected<> make_layout(CommandRunner& runner, const BaseImage& base) {
  const std::string layout = base.layout().string(), tag = layout + ":latest";
  const std::vector<std::vector<std::string>> steps{
      {"umoci", "init", "--layout", layout},
      {"umoci", "new", "--image", tag},
      {"umoci", "raw", "add-layer", "--no-history", "--image", tag, (base.folder / "layer.tar").string()},
      {"umoci", "config", "--no-history", "--created", "1970-01-01T00:00:00Z", "--config.env",
       "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "--image", tag},
      {"umoci", "gc", "--layout", layout},
      {"tar", "--extract", "--preserve-permissions", "--delay-directory-restore", "--numeric-owner", "--file",
       (base.folder / "layer.tar").string(), "--directory", base.root().string()}};
  LUMOS_TRY(make_folder(base.root(), 0755));
  for (const auto& argv : steps) LUMOS_TRY(run_checked(runner, {.argv = argv}));
  return {};
}

// The largest blob is the layer: the others are the manifest and the configuration.
std::int64_t largest_file(const fs::path& folder) {
  std::int64_t largest = 0;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(folder, error); !error && it != fs::end(it); it.increment(error)) {
    if (it->is_regular_file()) largest = std::max(largest, static_cast<std::int64_t>(it->file_size()));
  }
  return largest;
}

Expected<BaseImage> load(const fs::path& folder, const BaseRecipe& recipe) {
  try {
    const auto j = nlohmann::json::parse(LUMOS_TRY(read_file(folder / "base.json")));
    return BaseImage{.folder = folder,
                     .key = recipe.key,
                     .digest = j.at("digest"),
                     .layer_bytes = integer(j.at("layer_bytes")),
                     .unpacked_bytes = integer(j.at("unpacked_bytes")),
                     .build_seconds = j.at("build_seconds"),
                     .packages = recipe.packages};
  } catch (const std::exception& broken) {
    return fail(ErrorCode::kUsage, "{}: not a base image: {}", folder.string(), broken.what());
  }
}

}  // namespace

Expected<BaseRecipe> debian_slim_recipe(CommandRunner& runner) {
  const auto database = LUMOS_TRY(PackageDatabase::read(runner));
  BaseRecipe recipe{.packages = LUMOS_TRY(database.minimal())};
  recipe.key = sha256(database.versions(recipe.packages) + kRecipe).substr(0, 16);
  return recipe;
}

Expected<BaseImage> make_debian_slim(CommandRunner& runner, const BaseRecipe& recipe, const fs::path& home,
                                     const fs::path& system) {
  BaseImage base{.folder = home / "artefacts" / "bases" / ("debian-slim-" + recipe.key)};
  if (fs::exists(base.folder / "base.json")) return load(base.folder, recipe);
  const std::int64_t begin = monotonic_ns();
  std::error_code error;
  fs::remove_all(base.folder, error);  // half made: a build was killed
  LUMOS_TRY(make_folder(base.folder, 0755));
  LUMOS_TRY(make_layer(runner, recipe.packages, system, base.folder));
  LUMOS_TRY(make_layout(runner, base));
  base.digest = LUMOS_TRY(read_image(base.layout())).digest;
  base.layer_bytes = largest_file(base.layout() / "blobs");
  base.unpacked_bytes = bytes_below(base.root());
  base.build_seconds = static_cast<double>(monotonic_ns() - begin) / 1e9;
  base.packages = recipe.packages;
  fs::remove(base.folder / "layer.tar", error);
  fs::remove_all(base.folder / "skeleton", error);
  LUMOS_TRY(write_file(base.folder / "base.json", to_json(base).dump(2) + "\n"));  // last: makes the folder whole
  return load(base.folder, recipe);
}

nlohmann::ordered_json to_json(const BaseImage& base) {
  return {{"name", "debian-slim"},
          {"digest", base.digest},
          {"layer_bytes", base.layer_bytes},
          {"unpacked_bytes", base.unpacked_bytes},
          {"build_seconds", base.build_seconds},
          {"layout", base.layout().string()},
          {"root", base.root().string()},
          {"packages", base.packages}};
}

}  // namespace lumos
