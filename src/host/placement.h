// Cores and priority of processes. Which role has which is planned by policy/placement.h.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/error.h"

namespace lumos {

std::vector<int> allowed_cores();

/// Binds the calling thread and what it starts. Error: kEnvironment.
Expected<> bind_to_cores(const std::vector<int>& cores);

/// From here on the calling thread runs before every ordinary one on its core (SCHED_FIFO); what it starts does not.
/// For a thread that sleeps, on a core of its own. Error: kEnvironment.
Expected<> enter_real_time();

/// Puts a process (0: the calling one) onto cores, and makes it one in real time or an ordinary one, whatever its
/// parent was. Returns what the kernel refused, a sentence each.
std::vector<std::string> place_process(pid_t pid, const std::vector<int>& cores, bool real_time);

/// "0-1,3" for cgroup files and OCI bundles.
std::string format_cores(const std::vector<int>& cores);

}  // namespace lumos
