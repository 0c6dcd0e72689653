#include "base/error.h"

#include <cerrno>
#include <cstring>

namespace lumos {

std::unexpected<Error> fail_errno(const std::string& what) {
  return fail(ErrorCode::kEnvironment, "{}: {}", what, std::strerror(errno));
}

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "lumos: broken invariant %s at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace lumos
