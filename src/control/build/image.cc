#include "control/build/image.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/file.h"

namespace lumos {
namespace fs = std::filesystem;

Expected<Image> make_image(CommandRunner& runner, const fs::path& folder, const fs::path& file, const std::string& target, bool wasm) {
  const std::string layout = (folder / "image").string(), tag = layout + ":latest";
  // A layer carries its files' times: a fixed one makes the digest a function of the content.
  const timespec epoch[2] = {{0, 0}, {0, 0}};
  if (::utimensat(AT_FDCWD, file.c_str(), epoch, 0) != 0 || ::chmod(file.c_str(), 0755) != 0) return fail_errno(file.string());
  std::vector<std::string> config{"umoci", "config", "--no-history", "--created", "1970-01-01T00:00:00Z", "--config.entrypoint", target, "--image", tag};
  if (wasm) config.insert(config.end() - 2, {"--manifest.annotation", "run.oci.handler=wasm"});
  const std::vector<std::vector<std::string>> steps{{"umoci", "init", "--layout", layout},
                                                    {"umoci", "new", "--image", tag},
                                                    {"umoci", "insert", "--no-history", "--image", tag, file.string(), target},
                                                    config,
                                                    {"umoci", "gc", "--layout", layout},
                                                    {"umoci", "unpack", "--image", tag, (folder / "bundle").string()}};
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  for (const auto& argv : steps) LUMOS_TRY(run_checked(runner, {.argv = argv}));
  return read_image(layout);
}

Expected<Image> read_image(const fs::path& layout) {
  const auto index = nlohmann::json::parse(LUMOS_TRY(read_file(layout / "index.json")), nullptr, false);
  const nlohmann::json digest = index.is_discarded() ? nullptr : index.value("/manifests/0/digest"_json_pointer, nlohmann::json());
  if (!digest.is_string()) return fail(ErrorCode::kUsage, "{}: not an OCI layout with an image", layout.string());
  return Image{.digest = digest, .bytes = bytes_below(layout / "blobs")};
}

}  // namespace lumos
