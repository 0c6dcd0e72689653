#include <cstdlib>

#include "cli/verb.h"

namespace lumos {

Expected<Places> find_places() {
  const char* repository = std::getenv("LUMOS_REPO");
  const char* home = std::getenv("LUMOS_HOME");
  const char* runs = std::getenv("LUMOS_RUNS");
  if (repository == nullptr || home == nullptr) {
    return fail(ErrorCode::kEnvironment, "LUMOS_REPO and LUMOS_HOME are not set; start this program by ./lumos");
  }
  return Places{.repository = repository,
                .home = home,
                .runs = runs == nullptr ? std::filesystem::path(repository) / "runs" : runs};
}

}  // namespace lumos
