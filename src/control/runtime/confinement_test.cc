#include "control/runtime/confinement.h"

#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <set>

#include "host/process.h"

namespace lumos {
namespace {

// The errno of a call made under the filter, in a child; 0 when it worked.
int confined(const std::function<long()>& call) {
  auto program = compile_seccomp_profile();
  EXPECT_TRUE(program.has_value());
  const auto pid = fork_process(0, [&] {
    const sock_fprog filter{static_cast<unsigned short>(program->size()), program->data()};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0) return 255;
    errno = 0;
    return call() < 0 ? errno : 0;
  });
  int status = 0;
  ::waitpid(*pid, &status, 0);
  return exit_code_of(status);
}

TEST(SeccompProfile, RefusesWhatAContainerMayNotDo) {
  EXPECT_EQ(confined([] { return ::syscall(SYS_unshare, CLONE_NEWUSER); }), EPERM);
  EXPECT_EQ(confined([] { return ::syscall(SYS_mount, "none", "/", nullptr, MS_PRIVATE, nullptr); }), EPERM);
  EXPECT_EQ(confined([] { return ::syscall(SYS_bpf, 0, nullptr, 0); }), EPERM);
  EXPECT_EQ(confined([] { return ::syscall(SYS_ptrace, 0, 0, 0, 0); }), EPERM);
  EXPECT_EQ(confined([] { return ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }), EPERM);
  EXPECT_EQ(confined([] { return ::syscall(SYS_clone3, nullptr, 0); }), ENOSYS);
}

TEST(SeccompProfile, AllowsOrdinaryWork) {
  EXPECT_EQ(confined([] { return static_cast<long>(::getpid()); }), 0);
  EXPECT_EQ(confined([] { return static_cast<long>(::access("/", F_OK)); }), 0);
  EXPECT_EQ(confined([] {
              const pid_t child = ::fork();
              if (child == 0) ::_exit(0);
              return static_cast<long>(::waitpid(child, nullptr, 0));
            }),
            0);
}

TEST(SeccompProfile, TheOciFormNamesNoCallTwice) {
  std::set<std::string> seen;
  const auto profile = seccomp_profile();
  for (const auto& rule : profile["syscalls"]) {
    for (const auto& name : rule["names"]) EXPECT_TRUE(seen.insert(name).second) << name;
  }
  EXPECT_FALSE(seen.contains("mount"));
  EXPECT_TRUE(seen.contains("accept4"));
}

}  // namespace
}  // namespace lumos
