#include "telemetry/network_counters.h"

#include <string>

#include "telemetry/kernel_text.h"

namespace lumos {

// A line: "  eth0: BYTES PACKETS ERRS DROP FIFO FRAME COMPRESSED MULTICAST  BYTES PACKETS …": received, then sent.
std::optional<InterfaceBytes> interface_bytes(std::string_view net_dev, std::string_view name) {
  const auto columns = text_after(net_dev, std::string(name) + ":");
  if (!columns) return std::nullopt;
  const auto received = number_after(word_at(*columns, 1), ""), sent = number_after(word_at(*columns, 9), "");
  if (!received || !sent) return std::nullopt;
  return InterfaceBytes{.received = *received, .sent = *sent};
}

std::optional<InterfaceBytes> interface_bytes(std::string_view name) {
  return interface_bytes(read_kernel_file("/proc/net/dev"), name);
}

}  // namespace lumos
