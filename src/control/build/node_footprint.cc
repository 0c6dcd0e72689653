#include "control/build/node_footprint.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "control/build/packages.h"

namespace lumos {
namespace {

std::int64_t bytes_of(const std::vector<std::string>& paths, const std::filesystem::path& root) {
  std::set<std::pair<dev_t, ino_t>> seen;
  std::int64_t sum = 0;
  for (const auto& path : paths) {
    struct stat status{};
    if (::lstat((root / path.substr(1)).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (seen.emplace(status.st_dev, status.st_ino).second) sum += status.st_size;
  }
  return sum;
}

}  // namespace

std::int64_t NodeFootprint::bytes() const {
  return std::ranges::fold_left(packages, std::int64_t{0},
                                [](std::int64_t sum, const auto& p) { return sum + p.second; });
}

Expected<std::vector<NodeFootprint>> node_footprints(
    CommandRunner& runner, const std::vector<std::pair<std::string, std::vector<std::string>>>& runtimes,
    const std::filesystem::path& root) {
  const auto database = LUMOS_TRY(PackageDatabase::read(runner));
  const auto minimal = LUMOS_TRY(database.minimal());
  std::map<std::string, std::vector<std::string>> needed;  // by runtime
  std::set<std::string> all;
  for (const auto& [runtime, packages] : runtimes) {
    for (const auto& name : LUMOS_TRY(database.with_dependencies(packages))) {
      if (std::ranges::binary_search(minimal, name)) continue;
      needed[runtime].push_back(name);
      all.insert(name);
    }
  }
  std::map<std::string, std::int64_t> bytes;
  if (!all.empty()) {
    for (const auto& [name, paths] : LUMOS_TRY(files_of_packages(runner, {all.begin(), all.end()})))
      bytes[name] = bytes_of(paths, root);
  }
  std::vector<NodeFootprint> footprints;
  for (const auto& [runtime, packages] : runtimes) {
    NodeFootprint footprint{.runtime = runtime};
    for (const auto& name : needed[runtime]) footprint.packages.emplace_back(name, bytes[name]);
    std::ranges::stable_sort(footprint.packages, std::ranges::greater{}, &std::pair<std::string, std::int64_t>::second);
    footprints.push_back(std::move(footprint));
  }
  return footprints;
}

nlohmann::ordered_json to_json(const std::vector<NodeFootprint>& footprints) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& f : footprints) {
    nlohmann::ordered_json packages = nlohmann::ordered_json::array();
    for (const auto& [name, bytes] : f.packages) packages.push_back({{"package", name}, {"bytes", bytes}});
    list.push_back({{"runtime", f.runtime}, {"bytes", f.bytes()}, {"packages", packages}});
  }
  return list;
}

}  // namespace lumos
