// What every instance is confined by, whatever its runtime: the system calls it may make and the resources it may take.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "host/cgroup.h"

namespace lumos {

/// What one instance may take.
struct Limits {
  CgroupLimits group;
  std::int64_t file_bytes = 256LL << 20;  // of one file that it writes, its output among them
};

/// The group's limits in the form of the OCI runtime specification: linux.resources without devices.
nlohmann::json oci_resources(const CgroupLimits& limits);

/// Paths of /proc (and /sys) that an instance must not see, and those that it must not write. What is not there is
/// passed over.
inline constexpr const char* kMaskedPaths[] = {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug",
                                               "/sys/firmware"};
inline constexpr const char* kReadOnlyPaths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                                 "/proc/sysrq-trigger"};

/// The profile in the form of the OCI runtime specification: an allow list, everything else fails with EPERM. It grants
/// what container engines grant to a container without capabilities: no mounts, namespaces, modules, tracing, keys,
/// clocks, reboot, bpf.
nlohmann::json seccomp_profile();

/// The same profile as the filter program that the kernel takes. Error: kEnvironment, libseccomp cannot make it.
Expected<std::vector<sock_filter>> compile_seccomp_profile();

}  // namespace lumos
