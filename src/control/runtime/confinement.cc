#include "control/runtime/confinement.h"

#include <seccomp.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

namespace lumos {
namespace {

// By purpose. Names that this machine's architecture or libseccomp does not know are passed over.
constexpr const char* kAllowed[] = {
    // files and folders
    "access", "chdir", "chmod", "chown", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3",
    "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown",
    "fchownat", "fcntl", "fdatasync", "fgetxattr", "flistxattr", "flock", "fremovexattr", "fsetxattr", "fstat",
    "fstatfs", "fsync", "ftruncate", "futimesat", "getcwd", "getdents", "getdents64", "getxattr", "inotify_add_watch",
    "inotify_init", "inotify_init1", "inotify_rm_watch", "lchown", "lgetxattr", "link", "linkat", "listxattr",
    "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat", "mkdir", "mkdirat", "mknod", "mknodat", "newfstatat",
    "open", "openat", "openat2", "pipe", "pipe2", "pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2",
    "read", "readahead", "readlink", "readlinkat", "readv", "removexattr", "rename", "renameat", "renameat2", "rmdir",
    "sendfile", "setxattr", "splice", "stat", "statfs", "statx", "symlink", "symlinkat", "sync", "sync_file_range",
    "syncfs", "tee", "truncate", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimes", "vmsplice", "write",
    "writev",
    // memory
    "brk", "madvise", "membarrier", "memfd_create", "mincore", "mlock", "mlock2", "mlockall", "mmap", "mprotect",
    "mremap", "msync", "munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect",
    "remap_file_pages",
    // processes, threads, identity
    "arch_prctl", "capget", "capset", "clone", "clone3", "execve", "execveat", "exit", "exit_group", "fork",
    "get_robust_list", "get_thread_area", "getcpu", "getegid", "geteuid", "getgid", "getgroups", "getpgid", "getpgrp",
    "getpid", "getppid", "getpriority", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid", "gettid",
    "getuid", "ioprio_get", "ioprio_set", "kill", "pidfd_open", "pidfd_send_signal", "prctl", "prlimit64", "rseq",
    "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam",
    "sched_getscheduler", "sched_rr_get_interval", "sched_setaffinity", "sched_setattr", "sched_setparam",
    "sched_setscheduler", "sched_yield", "seccomp", "set_robust_list", "set_thread_area", "set_tid_address", "setfsgid",
    "setfsuid", "setgid", "setgroups", "setitimer", "setpgid", "setpriority", "setregid", "setresgid", "setresuid",
    "setreuid", "setrlimit", "setsid", "setuid", "tgkill", "times", "tkill", "uname", "vfork", "wait4", "waitid",
    // signals, waiting, time
    "alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "epoll_create", "epoll_create1", "epoll_ctl",
    "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "futex", "futex_waitv", "getitimer",
    "gettimeofday", "io_cancel", "io_destroy", "io_getevents", "io_setup", "io_submit", "nanosleep", "pause", "poll",
    "ppoll", "pselect6", "restart_syscall", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo",
    "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_tgsigqueueinfo", "select", "sigaltstack", "signalfd",
    "signalfd4", "time", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime",
    "timerfd_create", "timerfd_gettime", "timerfd_settime",
    // sockets, messages, the rest
    "accept", "accept4", "bind", "connect", "getpeername", "getrandom", "getsockname", "getsockopt", "ioctl", "listen",
    "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink", "msgctl", "msgget",
    "msgrcv", "msgsnd", "recvfrom", "recvmmsg", "recvmsg", "semctl", "semget", "semop", "semtimedop", "sendmmsg",
    "sendmsg", "sendto", "setsockopt", "shmat", "shmctl", "shmdt", "shmget", "shutdown", "socket", "socketpair",
    "sysinfo"};

// clone that makes namespaces is refused; clone3, whose flags a filter cannot see, says that it does not exist, so that
// callers fall back to clone.
constexpr std::uint64_t kNamespaceFlags = 0x7E020000;

}  // namespace

nlohmann::json oci_resources(const CgroupLimits& limits) {
  const auto microseconds = [](Nanoseconds t) {
    return std::chrono::duration_cast<std::chrono::microseconds>(t).count();
  };
  nlohmann::json resources{{"pids", {{"limit", limits.pids}}}, {"memory", {{"limit", limits.memory_bytes}}}};
  if (!limits.swap) resources["memory"]["swap"] = limits.memory_bytes;  // memory and swap together
  if (limits.cpu)
    resources["cpu"] = {{"quota", microseconds(limits.cpu->quota)}, {"period", microseconds(limits.cpu->period)}};
  if (!limits.read) return resources;
  const std::string& disk = limits.read->disk;
  const std::size_t colon = disk.find(':');
  const auto throttle = [&](std::int64_t rate) {
    return nlohmann::json::array(
        {{{"major", std::stoi(disk.substr(0, colon))}, {"minor", std::stoi(disk.substr(colon + 1))}, {"rate", rate}}});
  };
  if (limits.read->bytes_per_s) resources["blockIO"]["throttleReadBpsDevice"] = throttle(*limits.read->bytes_per_s);
  if (limits.read->reads_per_s) resources["blockIO"]["throttleReadIOPSDevice"] = throttle(*limits.read->reads_per_s);
  return resources;
}

nlohmann::json seccomp_profile() {
  nlohmann::json names = nlohmann::json::array();
  for (const std::string name : kAllowed) {
    if (name != "clone" && name != "clone3") names.push_back(name);
  }
  const nlohmann::json no_namespace{
      {"index", 0}, {"value", kNamespaceFlags}, {"valueTwo", 0}, {"op", "SCMP_CMP_MASKED_EQ"}};
  return {{"defaultAction", "SCMP_ACT_ERRNO"},
          {"defaultErrnoRet", EPERM},
#if defined(__aarch64__)
          {"architectures", {"SCMP_ARCH_AARCH64"}},
#else
          {"architectures", {"SCMP_ARCH_X86_64"}},
#endif
          {"syscalls",
           {{{"names", names}, {"action", "SCMP_ACT_ALLOW"}},
            {{"names", {"clone"}}, {"action", "SCMP_ACT_ALLOW"}, {"args", {no_namespace}}},
            {{"names", {"clone3"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", ENOSYS}}}}};
}

Expected<std::vector<sock_filter>> compile_seccomp_profile() {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release);
  if (!filter) return fail(ErrorCode::kEnvironment, "seccomp: no filter");
  int status = 0;
  for (const std::string_view name : kAllowed) {
    const int number = seccomp_syscall_resolve_name(name.data());
    if (number == __NR_SCMP_ERROR) continue;
    if (name == "clone") {
      status |=
          seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, number, 1, SCMP_A0(SCMP_CMP_MASKED_EQ, kNamespaceFlags, 0));
    } else if (name == "clone3") {
      status |= seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), number, 0);
    } else {
      status |= seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, number, 0);
    }
  }
  std::size_t bytes = 0;
  if (status == 0) status = seccomp_export_bpf_mem(filter.get(), nullptr, &bytes);
  std::vector<sock_filter> program(bytes / sizeof(sock_filter));
  if (status == 0) status = seccomp_export_bpf_mem(filter.get(), program.data(), &bytes);
  if (status != 0) return fail(ErrorCode::kEnvironment, "seccomp: {}", std::strerror(-status));
  return program;
}

}  // namespace lumos
