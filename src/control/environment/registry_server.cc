#include "control/environment/registry_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "host/network.h"
#include "host/placement.h"
#include "host/tunnel.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = "/usr/bin/docker-registry";
constexpr std::int64_t kPatience = 20'000'000'000;  // ns

std::string configuration(const fs::path& folder) {
  return std::format(
      "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n"
      "storage: {{filesystem: {{rootdirectory: {}}}, maintenance: {{uploadpurging: {{enabled: false}}}}}}\n"
      "http: {{addr: \"0.0.0.0:{}\", relativeurls: true}}\n",
      (folder / "store").string(), kRegistryPort);
}

int serve(int network, const fs::path& folder, const std::vector<int>& cores) {
  (void)bind_to_cores(cores);
  const auto there = InNetwork::enter(network);
  if (!there) return 3;
  const fs::path log = folder / "log", file = folder / "registry.yml";
  const Fd out(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  ::dup2(out.get(), 1);
  ::dup2(out.get(), 2);
  ::execl(kProgram, kProgram, "serve", file.c_str(), nullptr);
  return 3;
}

bool listens() {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(kRegistryAddress);
  to.sin_port = htons(kRegistryPort);
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

}  // namespace

Expected<Fd> make_registry_network(CommandRunner& runner) {
  Fd network = LUMOS_TRY(make_network(runner));
  const std::string there = std::format("/proc/{}/fd/{}", ::getpid(), network.get());
  LUMOS_TRY(run_checked(runner, {.argv = {"ip", "-batch", "-"},
                                 .input = std::format("link add registry type veth peer name eth0 netns {}\n"
                                                      "addr add {}/30 dev registry\nlink set registry up\n",
                                                      there, format_address(kRegistryAddress - 1))}));
  const auto inside = LUMOS_TRY(InNetwork::enter(network.get()));
  LUMOS_TRY(run_checked(
      runner, {.argv = {"ip", "-batch", "-"},
               .input = std::format("addr add {}/30 dev eth0\nlink set eth0 up\n", format_address(kRegistryAddress))}));
  return network;
}

Expected<> start_registry(const std::function<Expected<pid_t>(const std::function<int()>&)>& fork, int network,
                          const fs::path& folder, const std::vector<int>& cores) {
  if (::access(kProgram, X_OK) != 0)
    return fail(ErrorCode::kEnvironment, "{} is missing: the package docker-registry", kProgram);
  std::error_code error;
  fs::create_directories(folder / "store", error);
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  LUMOS_TRY(write_file(folder / "registry.yml", configuration(folder)));
  LUMOS_TRY(fork([&] { return serve(network, folder, cores); }));
  for (const std::int64_t until = monotonic_ns() + kPatience; monotonic_ns() < until; ::poll(nullptr, 0, 20)) {
    if (listens()) return {};
  }
  return fail(ErrorCode::kEnvironment, "the registry did not get ready: {}", read_tail(folder / "log", 500));
}

}  // namespace lumos
