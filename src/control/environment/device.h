// A device profile on this machine: what it comes to here, and whether it can be imposed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "host/cgroup.h"
#include "record/device.h"

namespace lumos {

/// What a device comes to on this machine.
struct ImposedDevice {
  CgroupLimits limits;
  std::vector<int> cores;  // of those for instances; empty: all of them
};

/// The device's cores are the first of `cores`, those for instances; its disk is the one that holds `images`. Error:
/// kEnvironment with the device and what this machine lacks for it.
Expected<ImposedDevice> device_on_machine(const Device& device, const std::vector<int>& cores,
                                          const std::filesystem::path& images);

/// Whether the kernel takes the limits, tried on a group `relative` of its own, which is removed. Error: kEnvironment
/// with what it refused.
Expected<> try_limits(const CgroupTree& tree, const std::string& relative, const CgroupLimits& limits);

/// The whole disk that a file lies on, as the kernel numbers it: "254:0". `sys` is where /sys is looked for (tests).
/// Error: kEnvironment, it lies on none, such as a tmpfs or a file system over several.
Expected<std::string> disk_of(const std::filesystem::path& file, const std::filesystem::path& sys = "/sys");

/// The same from the numbers of what it lies on: a partition's disk. Error: as above.
Expected<std::string> whole_disk(unsigned major, unsigned minor, const std::filesystem::path& sys);

}  // namespace lumos
