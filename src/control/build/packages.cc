#include "control/build/packages.h"

#include <set>

namespace lumos {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// "libc6 (>= 2.38)", "python3:any" → the name.
std::string name_in(std::string_view part) {
  const std::size_t begin = part.find_first_not_of(' ');
  if (begin == std::string_view::npos) return "";
  part.remove_prefix(begin);
  return std::string(part.substr(0, part.find_first_of(" (:")));
}

std::vector<std::vector<std::string>> needs_in(std::string_view depends) {
  std::vector<std::vector<std::string>> needs;
  for (const std::string_view group : split(depends, ',')) {
    std::vector<std::string> alternatives;
    for (const std::string_view part : split(group, '|')) {
      if (std::string name = name_in(part); !name.empty()) alternatives.push_back(std::move(name));
    }
    if (!alternatives.empty()) needs.push_back(std::move(alternatives));
  }
  return needs;
}

}  // namespace

Expected<PackageDatabase> PackageDatabase::read(CommandRunner& runner) {
  static constexpr const char* kFormat =
      "${Package}\t${Version}\t${Essential}\t${Priority}\t${Provides}\t${Pre-Depends},${Depends}\n";
  const auto answer = LUMOS_TRY(run_checked(runner, {.argv = {"dpkg-query", "-W", "-f", kFormat}}));
  PackageDatabase database;
  for (const std::string_view line : split(answer.output, '\n')) {
    if (line.empty()) continue;
    const auto field = split(line, '\t');
    if (field.size() != 6)
      return fail(ErrorCode::kEnvironment, "dpkg-query: a line of {} fields instead of 6: {}", field.size(), line);
    const std::string name(field[0]);
    database.packages_[name] = {.version = std::string(field[1]),
                                .minimal = field[2] == "yes" || field[3] == "required",
                                .needs = needs_in(field[5])};
    for (const auto& provided : needs_in(field[4])) database.providers_.try_emplace(provided.front(), name);
  }
  return database;
}

Expected<std::vector<std::string>> PackageDatabase::minimal() const {
  std::vector<std::string> names;
  for (const auto& [name, package] : packages_) {
    if (package.minimal) names.push_back(name);
  }
  return with_dependencies(std::move(names));
}

Expected<std::vector<std::string>> PackageDatabase::with_dependencies(std::vector<std::string> names) const {
  const auto installed = [&](const std::string& name) -> std::string {
    if (packages_.contains(name)) return name;
    const auto provider = providers_.find(name);
    return provider == providers_.end() ? "" : provider->second;
  };
  std::set<std::string> found;
  while (!names.empty()) {
    const std::string asked = std::move(names.back());
    names.pop_back();
    const std::string name = installed(asked);
    if (name.empty()) return fail(ErrorCode::kEnvironment, "Debian package {} is not installed", asked);
    if (!found.insert(name).second) continue;
    for (const auto& alternatives : packages_.at(name).needs) {
      const auto chosen = std::ranges::find_if(alternatives, [&](const auto& a) { return !installed(a).empty(); });
      names.push_back(chosen == alternatives.end() ? alternatives.front() : *chosen);
    }
  }
  return std::vector<std::string>(found.begin(), found.end());
}

std::string PackageDatabase::versions(const std::vector<std::string>& names) const {
  std::string text;
  for (const auto& name : names) text += std::format("{}={}\n", name, packages_.at(name).version);
  return text;
}

Expected<std::map<std::string, std::vector<std::string>>> files_of_packages(CommandRunner& runner,
                                                                            const std::vector<std::string>& names) {
  // A line that begins with a blank is a path of the package named above it.
  Command command{.argv = {"dpkg-query", "-W", "-f", "${Package}\n${db-fsys:Files}\n"}};
  command.argv.insert(command.argv.end(), names.begin(), names.end());
  const auto answer = LUMOS_TRY(run_checked(runner, command));
  std::map<std::string, std::vector<std::string>> files;
  std::vector<std::string>* current = nullptr;
  for (const std::string_view line : split(answer.output, '\n')) {
    if (line.empty()) continue;
    if (line[0] != ' ') {
      current = &files[std::string(line)];
    } else if (current != nullptr && line.starts_with(" /")) {
      current->emplace_back(line.substr(1));
    }
  }
  return files;
}

}  // namespace lumos
