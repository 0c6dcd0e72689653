// Debian packages as they are installed here: what they need, and which files they have.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/subprocess.h"

namespace lumos {

/// What dpkg knows of the installed packages.
class PackageDatabase {
 public:
  /// Error: kEnvironment, no dpkg here, or an answer that cannot be read.
  static Expected<PackageDatabase> read(CommandRunner& runner);

  /// The smallest Debian: essential packages and those of priority "required", with all that they depend on. By name.
  Expected<std::vector<std::string>> minimal() const;
  /// Packages and all that they depend on, by name; of alternatives the first that is installed. Recommendations are
  /// none. Error: kEnvironment, one is not installed.
  Expected<std::vector<std::string>> with_dependencies(std::vector<std::string> names) const;
  /// "name=version", a line each.
  std::string versions(const std::vector<std::string>& names) const;

 private:
  struct Package {
    std::string version;
    bool minimal = false;
    std::vector<std::vector<std::string>> needs;  // one of each
  };
  std::map<std::string, Package> packages_;
  std::map<std::string, std::string> providers_;  // of virtual packages: the first by name
};

/// Every path that each package brought, folders included, as dpkg lists them. Error: kEnvironment, one is not
/// installed.
Expected<std::map<std::string, std::vector<std::string>>> files_of_packages(CommandRunner& runner,
                                                                            const std::vector<std::string>& names);

}  // namespace lumos
