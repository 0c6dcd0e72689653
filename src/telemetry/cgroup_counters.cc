#include "telemetry/cgroup_counters.h"

#include <fcntl.h>

#include <array>
#include <charconv>
#include <string_view>

namespace lumos {
namespace {

Fd open_in(const std::filesystem::path& folder, const char* name) {
  return Fd(::open((folder / name).c_str(), O_RDONLY | O_CLOEXEC));
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end != text.data() ? std::optional(value) : std::nullopt;
}

// The number after `key` in the first 4 KiB of a kept file; with an empty key the number at its start.
std::optional<std::int64_t> read_number(const Fd& fd, std::string_view key) {
  std::array<char, 4096> buffer{};
  const ssize_t n = fd ? ::pread(fd.get(), buffer.data(), buffer.size(), 0) : -1;
  if (n <= 0) return std::nullopt;
  std::string_view text(buffer.data(), static_cast<std::size_t>(n));
  const std::size_t at = text.find(key);
  return at == std::string_view::npos ? std::nullopt : parse_number(text.substr(at + key.size()));
}

}  // namespace

CgroupCounters CgroupCounters::open(const CgroupTree& tree, const std::string& relative) {
  CgroupCounters counters;
  counters.version_ = tree.version;
  if (tree.version == CgroupVersion::kV2) {
    counters.cpu_ = open_in(tree.root / relative, "cpu.stat");
    counters.memory_peak_ = open_in(tree.root / relative, "memory.peak");
  } else {
    counters.cpu_ = open_in(tree.root / "cpuacct" / relative, "cpuacct.usage");
    counters.memory_peak_ = open_in(tree.root / "memory" / relative, "memory.max_usage_in_bytes");
  }
  return counters;
}

std::optional<std::int64_t> CgroupCounters::cpu_usage_total_ns() const {
  if (version_ == CgroupVersion::kV1) return read_number(cpu_, "");
  const auto usec = read_number(cpu_, "usage_usec ");
  return usec ? std::optional(*usec * 1000) : std::nullopt;
}

std::optional<std::int64_t> CgroupCounters::memory_peak_bytes() const { return read_number(memory_peak_, ""); }

}  // namespace lumos
