#include "host/tunnel.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <cstring>

#include "host/network.h"

namespace lumos {
namespace {

// Packets that wait for the process that carries them: some 50 ms of 200 Mbit/s.
constexpr int kQueuedPackets = 1000;

}  // namespace

Expected<Fd> this_network() {
  Fd fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno("/proc/thread-self/ns/net");
  return fd;
}

Expected<InNetwork> InNetwork::enter(int network) {
  Fd back = LUMOS_TRY(this_network());
  if (::setns(network, CLONE_NEWNET) != 0) return fail_errno("entering a network namespace");
  return InNetwork(std::move(back));
}

InNetwork::~InNetwork() {
  if (back_) LUMOS_CHECK(::setns(back_.get(), CLONE_NEWNET) == 0);
}

Expected<Fd> make_network(CommandRunner& runner) {
  const Fd back = LUMOS_TRY(this_network());
  if (::unshare(CLONE_NEWNET) != 0) return fail_errno("a network namespace");
  auto network = this_network();
  const auto up = run_checked(runner, {.argv = {"ip", "link", "set", "lo", "up"}});
  LUMOS_CHECK(::setns(back.get(), CLONE_NEWNET) == 0);
  if (!up) return std::unexpected(up.error());
  return network;
}

Expected<Fd> make_tunnel(CommandRunner& runner, const TunnelEnd& end) {
  Fd fd(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return fail_errno("/dev/net/tun (the kernel's tunnels, which links are made of)");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::memcpy(request.ifr_name, end.name.c_str(), std::min<std::size_t>(end.name.size(), IFNAMSIZ - 1));
  if (::ioctl(fd.get(), TUNSETIFF, &request) != 0) return fail_errno("tunnel " + end.name);
  std::string batch =
      std::format("addr add {} peer {} dev {}\nlink set {} txqueuelen {} mtu 1500 up\n", format_address(end.own),
                  format_address(end.peer), end.name, end.name, kQueuedPackets);
  if (end.also != 0) batch += std::format("route add {} dev {}\n", format_address(end.also), end.name);
  LUMOS_TRY(run_checked(runner, {.argv = {"ip", "-batch", "-"}, .input = batch}));
  return fd;
}

Expected<> answer_by_tunnel(CommandRunner& runner, const TunnelEnd& end, int table) {
  const std::string batch = std::format("rule add from {}/32 lookup {}\nroute add default dev {} table {}\n",
                                        format_address(end.own), table, end.name, table);
  LUMOS_TRY(run_checked(runner, {.argv = {"ip", "-batch", "-"}, .input = batch}));
  return {};
}

}  // namespace lumos
