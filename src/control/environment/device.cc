#include "control/environment/device.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "host/placement.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  const std::string text = read_file(path).value_or("");
  return text.substr(0, text.find('\n'));
}

}  // namespace

Expected<std::string> whole_disk(unsigned major, unsigned minor, const fs::path& sys) {
  std::string number = std::format("{}:{}", major, minor);
  const fs::path block = sys / "dev/block" / number;
  if (!fs::exists(block)) return fail(ErrorCode::kEnvironment, "no block device {}", number);
  if (!fs::exists(block / "partition")) return number;
  // A partition is a folder within its disk's.
  std::error_code error;
  const fs::path real = fs::canonical(block, error);
  std::string disk = error ? "" : first_line(real.parent_path() / "dev");
  if (disk.empty()) return fail(ErrorCode::kEnvironment, "the disk of partition {} is not known", number);
  return disk;
}

Expected<std::string> disk_of(const fs::path& file, const fs::path& sys) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return fail_errno(file.string());
  const auto disk = whole_disk(major(status.st_dev), minor(status.st_dev), sys);
  if (disk) return disk;
  return fail(ErrorCode::kEnvironment, "{} lies on no disk of its own ({})", file.string(), disk.error().message);
}

Expected<ImposedDevice> device_on_machine(const Device& device, const std::vector<int>& cores, const fs::path& images) {
  ImposedDevice imposed;
  if (!device.emulated()) return imposed;
  if (device.cores && *device.cores > static_cast<std::int64_t>(cores.size())) {
    return fail(ErrorCode::kEnvironment,
                "device {}: it has {} cores, and of this machine instances have {} ({}); name a smaller one, or give "
                "Lumos more cores",
                device.name, *device.cores, cores.size(), format_cores(cores));
  }
  if (device.cores) imposed.cores.assign(cores.begin(), cores.begin() + *device.cores);
  if (device.quota) imposed.limits.cpu = CpuQuota{.quota = *device.quota, .period = *device.period};
  if (device.memory_bytes) {
    imposed.limits.memory_bytes = *device.memory_bytes;
    imposed.limits.swap = false;
  }
  if (device.read_bytes_per_s || device.reads_per_s) {
    const auto disk = disk_of(images);
    if (!disk) {
      return fail(ErrorCode::kEnvironment, "device {}: its reads cannot be limited: {}", device.name,
                  disk.error().message);
    }
    imposed.limits.read =
        ReadLimit{.disk = *disk, .bytes_per_s = device.read_bytes_per_s, .reads_per_s = device.reads_per_s};
  }
  return imposed;
}

Expected<> try_limits(const CgroupTree& tree, const std::string& relative, const CgroupLimits& limits) {
  auto taken = make_cgroup(tree, relative, limits.read.has_value());
  if (taken) taken = limit_cgroup(tree, relative, limits);
  const auto removed = remove_cgroup(tree, relative);
  return taken ? removed : taken;
}

}  // namespace lumos
