#include "host/process.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/file.h"

extern char** environ;

namespace lumos {
namespace fs = std::filesystem;

Expected<pid_t> fork_process(unsigned long namespaces, const std::function<int()>& body) {
  const pid_t parent = ::getpid();
  std::fflush(nullptr);
  clone_args args{};
  args.flags = namespaces;
  args.exit_signal = SIGCHLD;
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
  if (pid < 0) return fail_errno("clone3");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // In a new pid namespace the parent is 0; elsewhere another parent means that it died before the line above.
    if ((namespaces & CLONE_NEWPID) == 0 && ::getppid() != parent) ::_exit(1);
    ::_exit(body());
  }
  return pid;
}

Expected<ProgramEnd> run_program(const std::vector<std::string>& argv, int log,
                                 const std::vector<std::string>& environment, const Streams& streams) {
  std::vector<char*> words, variables;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  for (const auto& variable : environment) variables.push_back(const_cast<char*>(variable.c_str()));
  for (char** ours = environ; *ours != nullptr; ++ours) variables.push_back(*ours);
  variables.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (streams.input < 0)
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  else
    posix_spawn_file_actions_adddup2(&actions, streams.input, 0);
  posix_spawn_file_actions_adddup2(&actions, streams.output < 0 ? log : streams.output, 1);
  posix_spawn_file_actions_adddup2(&actions, log, 2);
  // The launcher blocks signals that it reads from a descriptor: the program starts with none blocked.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  // OCI runtimes refuse to start in real time: such a process cannot enter a control group.
  const sched_param priority{.sched_priority = 0};
  posix_spawnattr_setschedpolicy(&attributes, SCHED_OTHER);
  posix_spawnattr_setschedparam(&attributes, &priority);
  const int policy = ::sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
  const bool real_time = policy == SCHED_FIFO || policy == SCHED_RR;
  posix_spawnattr_setflags(&attributes,
                           static_cast<short>(POSIX_SPAWN_SETSIGMASK | (real_time ? POSIX_SPAWN_SETSCHEDULER : 0)));
  pid_t pid = 0;
  const int status = ::posix_spawn(&pid, words[0], &actions, &attributes, words.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (status != 0) return fail(ErrorCode::kEnvironment, "cannot start {}: {}", argv[0], std::strerror(status));
  int wait_status = 0;
  rusage used{};
  while (::wait4(pid, &wait_status, 0, &used) < 0 && errno == EINTR) {
  }
  const auto time = [](timeval t) { return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec); };
  return ProgramEnd{.exit_code = exit_code_of(wait_status), .cpu = time(used.ru_utime) + time(used.ru_stime)};
}

Expected<> mount_overlay(const fs::path& image, const fs::path& own, const fs::path& merged) {
  for (const auto& folder : {own, own / "upper", own / "work", merged}) {
    if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) return fail_errno(folder.string());
  }
  const std::string options = std::format("lowerdir={},upperdir={},workdir={}", image.string(),
                                          (own / "upper").string(), (own / "work").string());
  // Of an image anything may come: its device nodes open nothing, its setuid bits give nothing.
  if (::mount("overlay", merged.c_str(), "overlay", MS_NODEV | MS_NOSUID, options.c_str()) != 0)
    return fail_errno("overlay on " + image.string());
  return {};
}

Nanoseconds process_cpu() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + Nanoseconds(t.tv_nsec);
}

bool is_ending(pid_t pid) {
  constexpr unsigned long kExiting = 0x4;  // PF_EXITING: the ninth field of stat, which begins after the name's ')'
  const std::string stat = read_file(std::format("/proc/{}/stat", pid)).value_or("");
  const std::size_t name_end = stat.rfind(')');
  unsigned long flags = 0;
  return name_end != std::string::npos &&
         std::sscanf(stat.c_str() + name_end + 1, " %*c %*d %*d %*d %*d %*d %lu", &flags) == 1 &&
         (flags & kExiting) != 0;
}

int exit_code_of(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

}  // namespace lumos
