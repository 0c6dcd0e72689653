#include "telemetry/cgroup_counters.h"

#include <fcntl.h>

#include <array>
#include <string_view>

#include "telemetry/kernel_text.h"

namespace lumos {
namespace {

Fd open_in(const std::filesystem::path& folder, const char* name) {
  return Fd(::open((folder / name).c_str(), O_RDONLY | O_CLOEXEC));
}

// The number after `key` in the first 4 KiB of a kept file; with an empty key the number at its start.
std::optional<std::int64_t> read_number(const Fd& fd, std::string_view key) {
  std::array<char, 4096> buffer;
  const ssize_t n = fd ? ::pread(fd.get(), buffer.data(), buffer.size(), 0) : -1;
  if (n <= 0) return std::nullopt;
  return number_after({buffer.data(), static_cast<std::size_t>(n)}, key);
}

std::optional<std::int64_t> microseconds(std::optional<std::int64_t> us) { return times(us, 1000); }

}  // namespace

CgroupCounters CgroupCounters::open(const CgroupTree& tree, const std::string& relative) {
  CgroupCounters counters;
  counters.version_ = tree.version;
  if (tree.version == CgroupVersion::kV2) {
    counters.cpu_ = open_in(tree.root / relative, "cpu.stat");
    counters.memory_ = open_in(tree.root / relative, "memory.current");
    counters.memory_peak_ = open_in(tree.root / relative, "memory.peak");
  } else {
    counters.cpu_ = open_in(tree.root / "cpuacct" / relative, "cpuacct.usage");
    counters.memory_ = open_in(tree.root / "memory" / relative, "memory.usage_in_bytes");
    counters.memory_peak_ = open_in(tree.root / "memory" / relative, "memory.max_usage_in_bytes");
  }
  return counters;
}

std::optional<std::int64_t> CgroupCounters::cpu_usage_total_ns() const {
  return version_ == CgroupVersion::kV1 ? read_number(cpu_, "") : microseconds(read_number(cpu_, "usage_usec "));
}

std::optional<std::int64_t> CgroupCounters::memory_bytes() const { return read_number(memory_, ""); }

std::optional<std::int64_t> CgroupCounters::memory_peak_bytes() const { return read_number(memory_peak_, ""); }

std::optional<std::int64_t> throttled_above_ns(const CgroupTree& tree, const std::string& relative) {
  std::optional<std::int64_t> sum;
  std::filesystem::path above;
  for (const auto& part : std::filesystem::path(relative)) {
    InstanceCounters counters;
    read_cgroup(tree, above, counters);
    if (counters.throttled_ns) sum = sum.value_or(0) + *counters.throttled_ns;
    above /= part;
  }
  return sum;
}

// Block bytes on v1 would be blkio.throttle.io_service_bytes. It is left out: current kernels count there only for
// groups that have a limit, and say 0 of all others.
void read_cgroup(const CgroupTree& tree, const std::string& relative, InstanceCounters& into) {
  const bool v2 = tree.version == CgroupVersion::kV2;
  const auto folder = v2 ? tree.root / relative : tree.root / "cpu" / relative;
  const std::string cpu = read_kernel_file(folder / "cpu.stat");
  into.throttled_periods = number_after(cpu, "nr_throttled ");
  into.throttled_ns = v2 ? microseconds(number_after(cpu, "throttled_usec ")) : number_after(cpu, "throttled_time ");
  into.cpu_periods = number_after(cpu, "nr_periods ");
  const auto memory = v2 ? folder : tree.root / "memory" / relative;
  // Without a limit v2 says "max", which is no number; v1 says the largest page-aligned one.
  into.memory_limit_bytes = number_after(read_kernel_file(memory / (v2 ? "memory.max" : "memory.limit_in_bytes")), "");
  into.oom_kills = number_after(read_kernel_file(memory / (v2 ? "memory.events" : "memory.oom_control")), "oom_kill ");
  const std::string quota = read_kernel_file(folder / (v2 ? "cpu.max" : "cpu.cfs_quota_us"));
  const std::string period = v2 ? std::string(word_at(quota, 2)) : read_kernel_file(folder / "cpu.cfs_period_us");
  if (number_after(quota, "").value_or(-1) > 0) {  // v1 without a quota: -1
    into.cpu_quota_ns = microseconds(number_after(quota, ""));
    into.cpu_period_ns = microseconds(number_after(period, ""));
  }
  if (!v2) return;
  const std::string io = read_kernel_file(folder / "io.stat");
  into.block_read_bytes = sum_after(io, "rbytes=");
  into.block_write_bytes = sum_after(io, "wbytes=");
}

}  // namespace lumos
