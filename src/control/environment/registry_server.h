// An OCI registry of a run's own: Debian's docker-registry in a network namespace of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/error.h"
#include "base/fd.h"
#include "base/subprocess.h"

namespace lumos {

inline constexpr int kRegistryPort = 5000;
/// By which the run's network reaches it without a link: a veth pair. IPv4, host byte order.
inline constexpr std::uint32_t kRegistryAddress = (10U << 24) | (80U << 16) | 2;  // 10.80.0.2

/// A network namespace for it, joined to the caller's by a veth pair. Error: kEnvironment.
Expected<Fd> make_registry_network(CommandRunner& runner);

/// Starts it there, on every address of that namespace, with an empty store below `folder`, and waits until it listens.
/// `fork` starts a process of the run. Error: kEnvironment, it is not installed or did not get ready; `folder` has what
/// it said.
Expected<> start_registry(const std::function<Expected<pid_t>(const std::function<int()>&)>& fork, int network,
                          const std::filesystem::path& folder, const std::vector<int>& cores);

}  // namespace lumos
