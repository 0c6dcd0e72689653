#include "host/network.h"

namespace lumos {
namespace {

constexpr std::uint32_t kNetwork = (10U << 24) | (77U << 16);  // 10.77.0.0/16, in a namespace nobody else sees

}  // namespace

std::string format_address(std::uint32_t a) {
  return std::format("{}.{}.{}.{}", a >> 24, (a >> 16) & 255, (a >> 8) & 255, a & 255);
}

Expected<std::vector<NetworkSlot>> make_network_slots(CommandRunner& runner, int count) {
  std::vector<NetworkSlot> slots;
  std::string batch = "link set lo up\n";
  for (int i = 0; i < count; ++i) {
    const std::string name = std::format("lumos{}", i);
    const std::uint32_t ours = kNetwork + static_cast<std::uint32_t>(i) * 4 + 1;
    slots.push_back({.path = "/run/netns/" + name, .link = std::format("v{}", i), .address = ours + 1});
    batch += std::format("netns add {0}\nlink add v{1} type veth peer name eth0 netns {0}\n", name, i);
    batch += std::format("addr add {}/30 dev v{}\nlink set v{} up\n", format_address(ours), i, i);
  }
  LUMOS_TRY(run_checked(runner, {.argv = {"ip", "-batch", "-"}, .input = batch}));
  for (const auto& slot : slots) {
    const std::string inside =
        std::format("link set lo up\naddr add {}/30 dev eth0\nlink set eth0 up\n", format_address(slot.address));
    const std::string name = slot.path.substr(slot.path.rfind('/') + 1);
    LUMOS_TRY(run_checked(runner, {.argv = {"ip", "-n", name, "-batch", "-"}, .input = inside}));
  }
  return slots;
}

}  // namespace lumos
