#include "control/backend/start_files.h"

#include "host/page_cache.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

std::optional<CacheState> state_of(const Cell& cell, const char* factor) {
  const auto found = cell.factors.find(factor);
  if (found == cell.factors.end() || !found->is_string()) return std::nullopt;
  return parse_name<CacheState>(found->get<std::string>());
}

std::vector<fs::path> regular_files_below(const fs::path& root) {
  std::vector<fs::path> files;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(root, error); !error && it != fs::end(it); it.increment(error)) {
    if (it->is_regular_file(error) && !it->is_symlink(error)) files.push_back(it->path());
  }
  return files;
}

}  // namespace

Expected<StartFiles> start_files(CommandRunner& runner, const fs::path& root, const RuntimeInfo& runtime) {
  return StartFiles{.image = regular_files_below(root), .runtime = LUMOS_TRY(runtime_files(runner, runtime))};
}

CacheUse set_cache(const StartFiles& files, const Cell& cell) {
  CacheUse use;
  if (files.pulled) {
    const auto there = empty_store(files.pulled->store, files.pulled->image, files.pulled->kept);
    if (there) use.image_layers = there->layers;
    if (there) use.image_layers_there = there->there;
    if (!there) use.exception = there.error().message;
  } else if (const auto state = state_of(cell, "cache")) {
    const CacheReading image = bring_into(*state, files.image);
    use.image_pages = image.sum.pages;
    use.image_pages_cached = image.sum.cached;
    use.exception = image.exception;
  }
  if (const auto state = state_of(cell, "runtime_cache")) {
    const CacheReading runtime = bring_into(*state, files.runtime.own);
    use.runtime_pages = runtime.sum.pages;
    use.runtime_pages_cached = runtime.sum.cached;
    if (use.exception.empty()) use.exception = runtime.exception;
  }
  return use;
}

nlohmann::ordered_json to_json(const RuntimeFiles& files) {
  std::uintmax_t bytes = 0;
  std::error_code error;
  for (const auto& file : files.own) bytes += fs::file_size(file, error);
  nlohmann::ordered_json own = nlohmann::ordered_json::array(), shared = own;
  for (const auto& file : files.own) own.push_back(file.string());
  for (const auto& file : files.shared) shared.push_back(file.string());
  return {{"bytes", bytes}, {"own", own}, {"shared", shared}};
}

}  // namespace lumos
