#include "control/build/builder.h"

#include <fcntl.h>
#include <sys/file.h>

#include "base/fd.h"
#include "base/file.h"
#include "control/build/image.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

// Bumped when what is made of the same sources changes.
constexpr const char* kRecipe = "recipe 3";

// Sources, recipe and tool versions: what the artefacts are a function of.
Expected<std::string> content_key(CommandRunner& runner, const fs::path& functions) {
  const auto tools = LUMOS_TRY(run_checked(
      runner, {.argv = {"dpkg-query", "-W", "-f", "${Package} ${Version}\n", "rustc", "libstd-rust-dev-wasm32", "lld-19", "wasmedge", "umoci"}}));
  return sha256(LUMOS_TRY(sha256_of_tree(functions, "target")) + tools.output + kRecipe).substr(0, 16);
}

class Builder {
 public:
  Builder(CommandRunner& runner, const BuildRequest& request, fs::path folder)
      : runner_(runner), request_(request), folder_(std::move(folder)), total_(static_cast<int>(2 + 4 * request.names.size())) {}

  Expected<std::vector<Artefact>> build() {
    LUMOS_TRY(cargo("static native binaries", {"--config", ".cargo/static.toml", "--target", kNativeTarget}));
    LUMOS_TRY(cargo("Wasm modules", {"--target", "wasm32-wasip1"}));
    std::vector<Artefact> artefacts;
    for (const auto& name : request_.names) {
      const fs::path native = LUMOS_TRY(take(kNativeTarget, name, name + ".native"));
      const fs::path wasm = LUMOS_TRY(take("wasm32-wasip1", name + ".wasm", name + ".wasm"));
      const fs::path aot = folder_ / (name + ".aot.wasm");
      step(name + ": compiling ahead of time");
      // Generic: baseline instructions, as cargo gives the native binary; else the instruction set would be taken for the runtime.
      LUMOS_TRY(run_checked(runner_, {.argv = {"wasmedge", "compile", "--generic-binary", "--optimize", "3", wasm.string(), aot.string()}}));
      artefacts.push_back(LUMOS_TRY(packed(name, ArtefactKind::kNative, native)));
      artefacts.push_back(LUMOS_TRY(packed(name, ArtefactKind::kWasm, wasm)));
      artefacts.push_back(LUMOS_TRY(packed(name, ArtefactKind::kAot, aot)));
    }
    return artefacts;
  }

 private:
#if defined(__aarch64__)
  static constexpr const char* kNativeTarget = "aarch64-unknown-linux-gnu";
#else
  static constexpr const char* kNativeTarget = "x86_64-unknown-linux-gnu";
#endif

  void step(const std::string& what) {
    if (request_.progress) request_.progress(what, done_, total_);
    ++done_;
  }

  fs::path cargo_target() const { return request_.home / "build" / "functions"; }

  Expected<> cargo(const std::string& what, const std::vector<std::string>& options) {
    step(what);
    Command command{.argv = {"cargo", "build", "--release", "--locked"}, .folder = request_.functions};
    command.argv.insert(command.argv.end(), options.begin(), options.end());
    command.environment = {"CARGO_TARGET_DIR=" + cargo_target().string(), "CARGO_HOME=" + (request_.home / "cargo").string()};
    LUMOS_TRY(run_checked(runner_, command));
    return {};
  }

  // A copy of what cargo made, so that the next build may overwrite its own.
  Expected<fs::path> take(const std::string& target, const std::string& file, const std::string& as) {
    std::error_code error;
    fs::copy_file(cargo_target() / target / "release" / file, folder_ / as, fs::copy_options::overwrite_existing, error);
    if (error) return fail(ErrorCode::kEnvironment, "{}: {}", file, error.message());
    return folder_ / as;
  }

  Expected<Artefact> packed(const std::string& function, ArtefactKind kind, const fs::path& file) {
    step(std::format("{}: image of the {} artefact", function, name_of(kind)));
    const fs::path folder = folder_ / std::format("{}-{}", function, name_of(kind));
    Artefact a{.function = function, .kind = kind, .file = file, .bytes = static_cast<std::int64_t>(fs::file_size(file))};
    a.file_digest = sha256(LUMOS_TRY(read_file(file)));
    const Image image = LUMOS_TRY(make_image(runner_, folder, file, a.argv()[0], kind != ArtefactKind::kNative));
    a.layout = folder / "image";
    a.root = folder / "bundle" / "rootfs";
    a.digest = image.digest;
    a.image_bytes = image.bytes;
    return a;
  }

  CommandRunner& runner_;
  const BuildRequest& request_;
  fs::path folder_;
  int done_ = 0, total_ = 0;
};

Expected<std::vector<Artefact>> load(const fs::path& folder) {
  return artefacts_from_json(LUMOS_TRY(read_file(folder / "artefacts.json")));
}

}  // namespace

Expected<BuildResult> build_functions(CommandRunner& runner, const BuildRequest& request) {
  BuildResult result{.key = LUMOS_TRY(content_key(runner, request.functions))};
  const fs::path all = request.home / "artefacts", folder = all / result.key;
  std::error_code error;
  fs::create_directories(all, error);
  const Fd lock(::open((all / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0) return fail_errno((all / ".lock").string());
  if (!fs::exists(folder / "artefacts.json")) {
    fs::remove_all(folder, error);  // half made: a build was killed
    fs::create_directories(folder, error);
    if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
    const auto artefacts = LUMOS_TRY(Builder(runner, request, folder).build());
    LUMOS_TRY(write_file(folder / "artefacts.json", to_json(artefacts).dump(2) + "\n"));  // last: makes the folder whole
    result.built = true;
  }
  result.artefacts = LUMOS_TRY(load(folder));
  return result;
}

}  // namespace lumos
