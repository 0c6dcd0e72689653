#include "host/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

TEST(ForkProcess, TheChildsValueIsItsExitCode) {
  const auto pid = fork_process(0, [] { return 42; });
  ASSERT_TRUE(pid.has_value());
  int status = 0;
  ASSERT_EQ(::waitpid(*pid, &status, 0), *pid);
  EXPECT_EQ(exit_code_of(status), 42);
}

TEST(IsEnding, TellsTheLivingFromTheEnded) {
  EXPECT_FALSE(is_ending(::getpid()));
  const auto pid = fork_process(0, [] { return 0; });
  ASSERT_TRUE(pid.has_value());
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(*pid), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(is_ending(*pid));
  ASSERT_EQ(::waitpid(*pid, nullptr, 0), *pid);
  EXPECT_FALSE(is_ending(*pid));
}

TEST(RunProgram, AppendsBothOutputsToTheLog) {
  const TemporaryFolder folder;
  const Fd log(::open((folder / "log").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  const auto end = run_program({"/bin/sh", "-c", "echo out; echo err >&2; exit 9"}, log.get());
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->exit_code, 9);
  EXPECT_EQ(read_file(folder / "log"), "out\nerr\n");
}

TEST(RunProgram, AddsToTheEnvironment) {
  const TemporaryFolder folder;
  const Fd log(::open((folder / "log").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  ASSERT_TRUE(run_program({"/bin/sh", "-c", "echo $ONE ${PATH:+path}"}, log.get(), {"ONE=1"}).has_value());
  EXPECT_EQ(read_file(folder / "log"), "1 path\n");
}

TEST(RunProgram, AnEndBySignalIsNotAZero) {
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_EQ(run_program({"/bin/sh", "-c", "kill -9 $$"}, null.get())->exit_code, 128 + SIGKILL);
  EXPECT_FALSE(run_program({"/no/such/program"}, null.get()).has_value());
}

}  // namespace
}  // namespace lumos
