#include "host/network.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"

namespace lumos {
namespace {

// In a namespace nobody else sees: 10.77.0.0/16 for slots, 10.78.0.0/16 for places.
constexpr std::uint32_t kSlots = (10U << 24) | (77U << 16);
constexpr std::uint32_t kPlaces = (10U << 24) | (78U << 16);

// Lines of `ip -batch`: a namespace of this name, joined to ours by a pair whose end here is `link`.
std::string pair_lines(const std::string& name, const std::string& link, std::uint32_t ours) {
  return std::format(
      "netns add {0}\nlink add {1} type veth peer name eth0 netns {0}\naddr add {2}/30 dev {1}\nlink set {1} up\n",
      name, link, format_address(ours));
}

// The other end, with ways through ours to `networks`.
Expected<> set_up_inside(CommandRunner& runner, const std::string& name, std::uint32_t ours,
                         const std::vector<std::string>& networks) {
  std::string lines =
      std::format("link set lo up\naddr add {}/30 dev eth0\nlink set eth0 up\n", format_address(ours + 1));
  for (const auto& network : networks) lines += std::format("route add {} via {}\n", network, format_address(ours));
  LUMOS_TRY(run_checked(runner, {.argv = {"ip", "-n", name, "-batch", "-"}, .input = lines}));
  return {};
}

}  // namespace

std::string format_address(std::uint32_t a) {
  return std::format("{}.{}.{}.{}", a >> 24, (a >> 16) & 255, (a >> 8) & 255, a & 255);
}

Expected<std::vector<NetworkSlot>> make_network_slots(CommandRunner& runner, int count,
                                                      const std::vector<std::uint32_t>& reachable) {
  std::vector<NetworkSlot> slots;
  std::vector<std::string> networks;
  for (const auto address : reachable) networks.push_back(format_address(address) + "/32");
  std::string batch = "link set lo up\n";
  const auto ours_of = [](int i) { return kSlots + static_cast<std::uint32_t>(i) * 4 + 1; };
  for (int i = 0; i < count; ++i) {
    const std::string name = std::format("lumos{}", i);
    slots.push_back({.path = "/run/netns/" + name, .link = std::format("v{}", i), .address = ours_of(i) + 1});
    batch += pair_lines(name, slots.back().link, ours_of(i));
  }
  LUMOS_TRY(run_checked(runner, {.argv = {"ip", "-batch", "-"}, .input = batch}));
  for (int i = 0; i < count; ++i) LUMOS_TRY(set_up_inside(runner, std::format("lumos{}", i), ours_of(i), networks));
  return slots;
}

Expected<std::vector<NetworkPlace>> make_network_places(CommandRunner& runner, const std::vector<std::string>& names,
                                                        int first) {
  std::vector<NetworkPlace> places;
  for (const auto& name : names) {
    const std::uint32_t ours =
        kPlaces + (static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(places.size())) * 4 + 1;
    places.push_back({.path = "/run/netns/" + name, .link = "to-" + name, .address = ours + 1});
    const std::string lines = pair_lines(name, places.back().link, ours);
    LUMOS_TRY(run_checked(runner, {.argv = {"ip", "-batch", "-"}, .input = lines}));
    LUMOS_TRY(set_up_inside(runner, name, ours, {format_address(kSlots) + "/16"}));
  }
  return places;
}

Expected<> let_packets_pass() {
  constexpr const char* kSetting = "/proc/sys/net/ipv4/ip_forward";  // of the namespace of whoever opens it
  const Fd file(::open(kSetting, O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), "1", 1) != 1) return fail_errno(kSetting);
  return {};
}

}  // namespace lumos
