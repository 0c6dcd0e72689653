// Child processes of Lumos itself, and the files they stand on.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/fd.h"

namespace lumos {

/// Forks; the child runs `body` and exits with its value; it is killed when the parent dies. `namespaces` are clone
/// flags (CLONE_NEWPID …). The caller is single-threaded. Error: kEnvironment.
Expected<pid_t> fork_process(unsigned long namespaces, const std::function<int()>& body);

struct ProgramEnd {
  int exit_code = 0;  // 128 + signal when it was ended by one
  Nanoseconds cpu{0};
};

/// Descriptors of standard input and output; -1: as whoever takes them says.
struct Streams {
  int input = -1, output = -1;
};

/// Runs a program and waits for it: no input and both outputs appended to `log`, but for `streams`; `environment`
/// ("NAME=value") before ours, an ordinary priority whatever the caller's. For the timed path: vfork, nothing is
/// copied. Error: kEnvironment when it cannot be started.
Expected<ProgramEnd> run_program(const std::vector<std::string>& argv, int log,
                                 const std::vector<std::string>& environment = {}, const Streams& streams = {});

/// An overlay at `merged`: `image` below, a private upper layer in the folder `own` (made here, on the caller's tmpfs).
Expected<> mount_overlay(const std::filesystem::path& image, const std::filesystem::path& own,
                         const std::filesystem::path& merged);

/// CPU time of this process so far, user and system.
Nanoseconds process_cpu();

/// Whether a process has begun to end, or has ended and was not waited for: its connections break before it can be
/// waited for. False also when there is none of this id.
bool is_ending(pid_t pid);

/// The exit code for a wait status: 128 + signal for an end by signal.
int exit_code_of(int wait_status);

}  // namespace lumos
