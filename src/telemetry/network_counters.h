// Bytes that passed an interface.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lumos {

/// Cumulative, link headers included.
struct InterfaceBytes {
  std::int64_t received = 0, sent = 0;
};

/// Of one interface in the text of /proc/net/dev; nullopt when it is not in it.
std::optional<InterfaceBytes> interface_bytes(std::string_view net_dev, std::string_view name);

/// The same in the caller's network namespace.
std::optional<InterfaceBytes> interface_bytes(std::string_view name);

}  // namespace lumos
