// Remembers the commands it was asked to run and answers from a script.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "base/subprocess.h"

namespace lumos {

class FakeCommandRunner final : public CommandRunner {
 public:
  Expected<CommandResult> run(const Command& command) override {
    commands.push_back(command);
    return answer ? answer(command) : CommandResult{};
  }

  std::vector<Command> commands;
  std::function<Expected<CommandResult>(const Command&)> answer;
};

}  // namespace lumos
