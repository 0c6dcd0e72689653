#include "base/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"

extern char** environ;

namespace lumos {
namespace {

struct Pipe {
  Fd read, write;
};

Expected<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// Feeds the input and drains both outputs until all three are closed, so that no full pipe can stop the child.
void pump(Fd input, std::string_view text, Fd output, std::string& out, Fd errors, std::string& err) {
  ::fcntl(input.get(), F_SETFL, O_NONBLOCK);
  if (text.empty()) input.reset();
  std::array<char, 65536> chunk{};
  while (input || output || errors) {
    std::array<pollfd, 3> waits{{{input.get(), POLLOUT, 0}, {output.get(), POLLIN, 0}, {errors.get(), POLLIN, 0}}};
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    if (waits[0].revents != 0) {
      const ssize_t n = ::write(input.get(), text.data(), text.size());
      if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
      if (text.empty() || (n < 0 && errno != EAGAIN)) input.reset();
    }
    const auto drain = [&](Fd& fd, std::string& into, short events) {
      if (events == 0) return;
      const ssize_t n = ::read(fd.get(), chunk.data(), chunk.size());
      if (n > 0) into.append(chunk.data(), static_cast<std::size_t>(n));
      if (n == 0 || (n < 0 && errno != EINTR)) fd.reset();
    };
    drain(output, out, waits[1].revents);
    drain(errors, err, waits[2].revents);
  }
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const auto& s : strings) result.push_back(const_cast<char*>(s.c_str()));
  result.push_back(nullptr);
  return result;
}

// Ours, each variable overridden by the command's own.
std::vector<std::string> merged_environment(const std::vector<std::string>& own) {
  std::vector<std::string> all = own;
  for (char** e = environ; *e != nullptr; ++e) {
    const std::string_view entry(*e);
    const auto name = entry.substr(0, entry.find('=') + 1);
    bool overridden = false;
    for (const auto& o : own) overridden |= o.starts_with(name);
    if (!overridden) all.emplace_back(entry);
  }
  return all;
}

}  // namespace

Expected<CommandResult> SystemCommandRunner::run(const Command& command) {
  LUMOS_CHECK(!command.argv.empty());
  Pipe in = LUMOS_TRY(make_pipe()), out = LUMOS_TRY(make_pipe()), err = LUMOS_TRY(make_pipe());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, out.write.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, err.write.get(), 2);
  if (!command.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.folder.c_str());
  const auto environment = merged_environment(command.environment);
  pid_t pid = 0;
  const int status = ::posix_spawnp(&pid, command.argv[0].c_str(), &actions, nullptr, pointers(command.argv).data(),
                                    pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (status != 0) return fail(ErrorCode::kEnvironment, "cannot start {}: {}", command.argv[0], std::strerror(status));
  in.read.reset();
  out.write.reset();
  err.write.reset();
  CommandResult result;
  pump(std::move(in.write), command.input, std::move(out.read), result.output, std::move(err.read), result.errors);
  int wait_status = 0;
  rusage used{};
  while (::wait4(pid, &wait_status, 0, &used) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
  const auto time = [](timeval t) { return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec); };
  result.cpu = time(used.ru_utime) + time(used.ru_stime);
  return result;
}

Expected<CommandResult> run_checked(CommandRunner& runner, const Command& command) {
  CommandResult result = LUMOS_TRY(runner.run(command));
  if (result.exit_code == 0) return result;
  std::string words;
  for (const auto& word : command.argv) words += (words.empty() ? "" : " ") + word;
  const std::string& text = result.errors.empty() ? result.output : result.errors;
  const auto tail = text.size() > 2000 ? text.substr(text.size() - 2000) : text;
  return fail(ErrorCode::kEnvironment, "`{}` ended with {}:\n{}", words, result.exit_code, tail);
}

}  // namespace lumos
