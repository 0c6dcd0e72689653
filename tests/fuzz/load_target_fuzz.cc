// Any text is refused with a usage error, or is a URL of this machine whose parts can stand in
// a request line and a header.
#include <algorithm>
#include <string>

#include "control/load/target.h"
#include "tests/fuzz/target.h"

void run_target(std::string_view input) {
  const auto target = lumos::parse_target(std::string(input), false);
  if (!target) {
    LUMOS_CHECK(target.error().code == lumos::ErrorCode::kUsage);
    return;
  }
  const auto plain = [](unsigned char c) { return c > ' ' && c < 0x7f; };
  LUMOS_CHECK(!target->host.empty() && std::ranges::all_of(target->host, plain));
  LUMOS_CHECK(target->path.starts_with('/') && std::ranges::all_of(target->path, plain));
  LUMOS_CHECK(target->endpoint.size > 0);
}
