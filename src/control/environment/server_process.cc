#include "control/environment/server_process.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/fd.h"
#include "base/file.h"
#include "host/placement.h"
#include "host/process.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

constexpr int kNotFound = 127;

// The bytes as an open file of nobody else's, to be read from its beginning.
Expected<Fd> memory_file(const std::string& content) {
  Fd file(::memfd_create("input", MFD_CLOEXEC));
  if (!file) return fail_errno("memfd_create");
  for (std::size_t at = 0; at < content.size();) {
    const ssize_t n = ::write(file.get(), content.data() + at, content.size() - at);
    if (n < 0) return fail_errno("memfd");
    at += static_cast<std::size_t>(n);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

bool listens(std::uint32_t address, std::uint16_t port) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(address)}};
  return fd && ::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
}

// In the child: never returns when all goes well.
int become(const ServerSite& site, const ServerCommand& command, const CgroupEntry& group, int network, int input,
           int log) {
  for (const auto& procs : group.procs) (void)!::write(procs.get(), "0", 1);
  ::setpgid(0, 0);  // no Ctrl-C of the terminal reaches it
  if (::setns(network, CLONE_NEWNET) != 0 || !bind_to_cores(site.cores) || ::chdir(site.folder.c_str()) != 0)
    return 126;
  ::dup2(input, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  for (const auto& variable : command.environment) {
    const auto equals = variable.find('=');
    ::setenv(variable.substr(0, equals).c_str(), variable.c_str() + equals + 1, 1);
  }
  if (command.serve) return command.serve();
  std::vector<char*> argv;
  for (const auto& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  return kNotFound;
}

}  // namespace

Expected<ServerProcess> ServerProcess::start(const ServerSite& site, const ServerCommand& command) {
  LUMOS_TRY(make_cgroup(site.cgroups, site.cgroup));
  const CgroupEntry group = LUMOS_TRY(open_cgroup(site.cgroups, site.cgroup));
  const Fd network(::open(site.place.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!network) return fail_errno(site.place.path);
  const Fd log(::open(site.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!log) return fail_errno(site.log.string());
  const Fd input = LUMOS_TRY(memory_file(command.input));
  const pid_t pid =
      LUMOS_TRY(fork_process(0, [&] { return become(site, command, group, network.get(), input.get(), log.get()); }));
  ServerProcess process(pid);
  for (const std::int64_t deadline = monotonic_ns() + (20s / 1ns); monotonic_ns() < deadline;) {
    if (listens(site.place.address, command.port)) return process;
    int status = 0;
    if (::waitpid(pid, &status, WNOHANG) == pid) {
      process.pid_ = 0;
      const int code = exit_code_of(status);
      if (code == kNotFound)
        return fail(ErrorCode::kEnvironment, "{}: is not there, or cannot be run (./lumos doctor)", command.argv[0]);
      return fail(ErrorCode::kEnvironment, "{}: ended with {}: {}", command.argv[0], code, read_tail(site.log, 400));
    }
    std::this_thread::sleep_for(2ms);
  }
  return fail(ErrorCode::kEnvironment, "{}: does not listen within 20 s: {}", command.argv[0],
              read_tail(site.log, 400));
}

ServerProcess::~ServerProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace lumos
