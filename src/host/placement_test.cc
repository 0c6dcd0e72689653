#include "host/placement.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/process.h"

namespace lumos {
namespace {

TEST(Cores, AreWrittenAsRanges) {
  EXPECT_EQ(format_cores({0}), "0");
  EXPECT_EQ(format_cores({0, 1, 2, 5, 7, 8}), "0-2,5,7-8");
}

/// A process that waits to be ended.
struct Waiting {
  Waiting() : pid(fork_process(0, [] { return ::pause(); }).value_or(0)) {}
  ~Waiting() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  pid_t pid;
};

TEST(PlaceProcess, PutsAProcessOnItsCores) {
  const Waiting process;
  const int core = allowed_cores().back();
  EXPECT_TRUE(place_process(process.pid, {core}, false).empty());
  cpu_set_t set;
  CPU_ZERO(&set);
  ASSERT_EQ(::sched_getaffinity(process.pid, sizeof set, &set), 0);
  EXPECT_EQ(CPU_COUNT(&set), 1);
  EXPECT_TRUE(CPU_ISSET(static_cast<std::size_t>(core), &set));
  EXPECT_EQ(::sched_getscheduler(process.pid), SCHED_OTHER);
}

TEST(PlaceProcess, SaysWhatTheKernelRefused) {
  const Waiting process;
  const auto refused = place_process(process.pid, {CPU_SETSIZE - 1}, false);
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0], "cores 1023: Invalid argument");
}

TEST(PlaceProcess, MakesAnOrdinaryOneOfOneInRealTime) {
  const Waiting process;
  if (!place_process(process.pid, allowed_cores(), true).empty())
    GTEST_SKIP() << "real-time priority needs CAP_SYS_NICE";
  EXPECT_EQ(::sched_getscheduler(process.pid) & ~SCHED_RESET_ON_FORK, SCHED_FIFO);
  EXPECT_TRUE(place_process(process.pid, allowed_cores(), false).empty());
  EXPECT_EQ(::sched_getscheduler(process.pid), SCHED_OTHER);
}

// runc and crun refuse to start from a real-time caller: their processes could not enter a control group.
TEST(RunProgram, StartsOrdinaryProcessesFromARealTimeCaller) {
  const Fd log(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const auto child = fork_process(0, [&] {
    const sched_param priority{.sched_priority = 1};
    if (::sched_setscheduler(0, SCHED_FIFO, &priority) != 0) return 77;
    // The 41st field of stat is the policy: 1 is SCHED_FIFO.
    const auto end = run_program({"/bin/sh", "-c", "set -- $(cat /proc/self/stat); shift 40; exit $1"}, log.get());
    return end ? end->exit_code : 99;
  });
  ASSERT_TRUE(child);
  int status = 0;
  ::waitpid(*child, &status, 0);
  if (exit_code_of(status) == 77) GTEST_SKIP() << "real-time priority needs CAP_SYS_NICE";
  EXPECT_EQ(exit_code_of(status), SCHED_OTHER);
}

}  // namespace
}  // namespace lumos
