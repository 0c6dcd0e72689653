#include "control/build/storage_tools.h"

#include "base/file.h"
#include "control/build/toolchain.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

class Maker {
 public:
  Maker(CommandRunner& runner, const StorageToolsRequest& request, fs::path home)
      : runner_(runner), request_(request), home_(std::move(home)) {}

  // The program of this name, made by `command` at `output` unless it is there for these sources.
  Expected<fs::path> make(const std::string& name, const fs::path& sources, const Command& command,
                          const fs::path& output) {
    const std::string key = LUMOS_TRY(sha256_of_tree(sources, "target")).substr(0, 16);
    fs::path program = home_ / "tools" / std::format("{}-{}", name, key);
    if (fs::exists(program)) return program;
    if (request_.progress) request_.progress(name);
    LUMOS_TRY(run_checked(runner_, command));
    // Whole, or not there: a copy beside it that is then renamed.
    std::error_code error;
    const fs::path copy = program.string() + ".new";
    fs::copy_file(output, copy, fs::copy_options::overwrite_existing, error);
    if (!error) fs::rename(copy, program, error);
    if (error) return fail(ErrorCode::kEnvironment, "{}: {}", program.string(), error.message());
    return program;
  }

 private:
  CommandRunner& runner_;
  const StorageToolsRequest& request_;
  fs::path home_;
};

}  // namespace

Expected<StorageTools> make_storage_tools(CommandRunner& runner, const StorageToolsRequest& request) {
  StorageTools tools;
  if (request.kinds.empty()) return tools;
  std::error_code error;
  fs::create_directories(request.home / "tools", error);
  const fs::path home = fs::canonical(request.home, error), repository = fs::canonical(request.repository, error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", request.home.string(), error.message());
  const Fd lock = LUMOS_TRY(lock_file(home / "tools" / ".lock"));
  Maker maker(runner, request, home);

  // Part of the package that makes inputs, and compiled with it: for this processor's baseline.
  const Workspace workspace{repository / "functions", home};
  const ArtefactId id{"storage-client", ArtefactKind::kNative, variant_of(ArtefactKind::kNative)};
  tools.client = LUMOS_TRY(maker.make(id.function, workspace.functions, cargo_command(workspace, id, "inputs"),
                                      cargo_output(workspace, id)));

  if (request.kinds.contains("s3")) {
    const fs::path sources = repository / "tools" / "s3-server", target = home / "build" / "s3-server";
    const Command command{.argv = {"cargo", "build", "--release", "--locked"},
                          .folder = sources,
                          .environment = {"CARGO_TARGET_DIR=" + target.string(),
                                          "CARGO_HOME=" + (home / "cargo").string(), "RUSTFLAGS="}};
    tools.s3_server = LUMOS_TRY(maker.make("s3-server", sources, command, target / "release" / "s3-server"));
  }
  return tools;
}

}  // namespace lumos
