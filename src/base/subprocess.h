// Other programs: started with an argument list, never through a shell.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace lumos {

struct Command {
  std::vector<std::string> argv;         // argv[0] is looked up in PATH
  std::string input;                     // its standard input
  std::filesystem::path folder;          // where it runs; empty = here
  std::vector<std::string> environment;  // "NAME=value" added to ours
};

struct CommandResult {
  int exit_code = 0;  // 128 + signal when it was ended by one
  std::string output;
  std::string errors;
  Nanoseconds cpu{0};  // user and system time of it and of the children it waited for
};

/// Runs commands; the seam at which tests put a FakeCommandRunner (tests/support).
class CommandRunner {
 public:
  virtual ~CommandRunner() = default;
  /// Waits for the end. Error: kEnvironment when the program cannot be started; a non-zero exit is a result.
  virtual Expected<CommandResult> run(const Command& command) = 0;
};

/// The real one. One thread at a time.
class SystemCommandRunner final : public CommandRunner {
 public:
  Expected<CommandResult> run(const Command& command) override;
};

/// `run`, and an error of code kEnvironment that quotes the command and its last lines when the exit code is not 0.
Expected<CommandResult> run_checked(CommandRunner& runner, const Command& command);

}  // namespace lumos
