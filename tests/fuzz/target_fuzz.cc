// Any text is refused with a usage error, or is a URL of this machine whose parts can stand in
// a request line and a header.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "control/load/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string url(reinterpret_cast<const char*>(data), size);
  const auto target = lumos::parse_target(url, false);
  if (!target) {
    LUMOS_CHECK(target.error().code == lumos::ErrorCode::kUsage);
    return 0;
  }
  const auto plain = [](unsigned char c) { return c > ' ' && c < 0x7f; };
  LUMOS_CHECK(!target->host.empty() && std::ranges::all_of(target->host, plain));
  LUMOS_CHECK(target->path.starts_with('/') && std::ranges::all_of(target->path, plain));
  LUMOS_CHECK(target->endpoint.size > 0);
  return 0;
}
