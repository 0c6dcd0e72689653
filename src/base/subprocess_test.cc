#include "base/subprocess.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

TEST(Subprocess, ReturnsOutputErrorsAndExitCode) {
  SystemCommandRunner runner;
  const auto result =
      runner.run({.argv = {"sh", "-c", "cat; echo $X >&2; exit 7"}, .input = "hello", .environment = {"X=why"}});
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->output, "hello");
  EXPECT_EQ(result->errors, "why\n");
  EXPECT_EQ(result->exit_code, 7);
}

TEST(Subprocess, LargeInputAndOutputDoNotBlock) {
  SystemCommandRunner runner;
  const std::string big(3 << 20, 'x');
  const auto result = runner.run({.argv = {"cat"}, .input = big});
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->output.size(), big.size());
}

TEST(Subprocess, ArgumentsNeverReachAShell) {
  SystemCommandRunner runner;
  EXPECT_EQ(runner.run({.argv = {"printf", "%s", "$(id); `id`"}})->output, "$(id); `id`");
}

TEST(Subprocess, NamesTheProgramThatIsMissing) {
  SystemCommandRunner runner;
  const auto result = runner.run({.argv = {"lumos-no-such-program"}});
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("lumos-no-such-program"), std::string::npos);
}

TEST(Subprocess, CheckedQuotesTheCommandAndItsError) {
  SystemCommandRunner runner;
  const auto result = run_checked(runner, {.argv = {"sh", "-c", "echo broken >&2; exit 3"}});
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("ended with 3"), std::string::npos);
  EXPECT_NE(result.error().message.find("broken"), std::string::npos);
}

}  // namespace
}  // namespace lumos
