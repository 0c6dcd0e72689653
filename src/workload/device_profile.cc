#include "workload/device_profile.h"

#include <algorithm>

#include "base/file.h"
#include "base/units.h"
#include "workload/yaml_read.h"
#include "workload/yaml_text.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::string_view kPrefix = "slice-";
constexpr std::size_t kNameLimit = 64;
constexpr std::int64_t kMostCores = 1024;
constexpr std::int64_t kLeastMemory = 4 << 20, kMostMemory = std::int64_t{1} << 46;
constexpr std::int64_t kLeastBytesPerSecond = 4096, kMostBytesPerSecond = std::int64_t{1} << 40;
// The kernel's bounds.
constexpr Nanoseconds kLeastQuota = 1ms, kLeastPeriod = 1ms, kMostPeriod = 1s, kDefaultPeriod = 100ms;

// A name of a device that exists says that the numbers are that device's; nobody measured it.
Expected<std::string> name_of_file(const YamlNode& root, const std::string& file_name) {
  std::string name = fs::path(file_name).stem().string();
  const bool plain = std::ranges::all_of(name, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
  if (name.starts_with(kPrefix) && name.size() > kPrefix.size() && name.size() <= kNameLimit && plain) return name;
  return fail_at(
      root.mark,
      "a profile's file must be named slice-….yaml, in small letters, digits, '-', '.' and '_': it is a slice of "
      "this machine, and a device's own name would need a calibration from that device");
}

Expected<Nanoseconds> read_microseconds(const YamlNode& node, std::string_view what, Nanoseconds min, Nanoseconds max) {
  const Nanoseconds time = LUMOS_TRY(read_duration(node, what));
  if (time % 1us != 0ns) return fail_at(node.mark, "{} must be whole microseconds, not {}", what, found(node));
  if (time >= min && time <= max) return time;
  return fail_at(node.mark, "{} must be from {} to {}, not {}", what, format_duration(min), format_duration(max),
                 found(node));
}

// {quota: 50ms, period: 100ms}
Expected<> read_cpu(const YamlNode& node, Device& device) {
  static const std::vector<std::string> kKeys{"quota", "period"};
  LUMOS_TRY(check_map(node, "'cpu'", kKeys));
  const YamlNode* quota = node.find("quota");
  if (quota == nullptr) return fail_at(node.mark, "'cpu' must have a 'quota', such as {{quota: 50ms, period: 100ms}}");
  device.period = kDefaultPeriod;
  if (const auto* period = node.find("period"))
    device.period = LUMOS_TRY(read_microseconds(*period, "'cpu.period'", kLeastPeriod, kMostPeriod));
  const Nanoseconds all_cores = *device.period * device.cores.value_or(kMostCores);
  device.quota = LUMOS_TRY(read_microseconds(*quota, "'cpu.quota'", kLeastQuota, all_cores));
  return {};
}

// {bandwidth: 20MB/s, iops: 500}
Expected<> read_reads(const YamlNode& node, Device& device) {
  static const std::vector<std::string> kKeys{"bandwidth", "iops"};
  LUMOS_TRY(check_map(node, "'read'", kKeys));
  if (node.entries.empty()) return fail_at(node.mark, "'read' must have a 'bandwidth' or 'iops'");
  if (const auto* bandwidth = node.find("bandwidth"))
    device.read_bytes_per_s =
        LUMOS_TRY(read_bytes_per_s(*bandwidth, "'read.bandwidth'", kLeastBytesPerSecond, kMostBytesPerSecond));
  if (const auto* iops = node.find("iops"))
    device.reads_per_s = LUMOS_TRY(read_integer(*iops, "'read.iops'", 1, 1'000'000'000));
  return {};
}

}  // namespace

Expected<Device> parse_device_profile(std::string_view text, const std::string& file_name) {
  static const std::vector<std::string> kKeys{"schema", "cores", "cpu", "memory", "read", "write"};
  const YamlNode root = LUMOS_TRY(parse_yaml(text, file_name));
  if (root.kind == YamlNode::Kind::kNull)
    return fail_at(root.mark, "the file is empty; a device profile needs at least 'schema: 1' and 'cores'");
  LUMOS_TRY(check_map(root, "the device profile", kKeys));
  const YamlNode* schema = root.find("schema");
  if (schema == nullptr) return fail_at(root.mark, "the device profile must say 'schema: 1'");
  LUMOS_TRY(read_integer(*schema, "'schema'", 1, 1));
  Device device{.name = LUMOS_TRY(name_of_file(root, file_name))};
  const YamlNode* cores = root.find("cores");
  if (cores == nullptr) return fail_at(root.mark, "the device profile must have 'cores', such as cores: 1");
  device.cores = LUMOS_TRY(read_integer(*cores, "'cores'", 1, kMostCores));
  if (const auto* cpu = root.find("cpu")) LUMOS_TRY(read_cpu(*cpu, device));
  if (const auto* memory = root.find("memory"))
    device.memory_bytes = LUMOS_TRY(read_bytes(*memory, "'memory'", kLeastMemory, kMostMemory));
  if (const auto* read = root.find("read")) LUMOS_TRY(read_reads(*read, device));
  if (const auto* write = root.find("write")) {
    return fail_at(write->mark,
                   "'write' cannot be imposed: what an instance writes stays in memory and reaches no disk");
  }
  return device;
}

Expected<Device> read_device_profile(const fs::path& file) {
  return parse_device_profile(LUMOS_TRY(read_file(file, kYamlLimitBytes + 1)), file.string());
}

Expected<std::vector<Device>> load_device_profiles(const fs::path& folder) {
  std::vector<Device> devices;
  std::error_code error;
  for (auto it = fs::directory_iterator(folder, error); !error && it != fs::end(it); it.increment(error)) {
    if (it->path().extension() == ".yaml") devices.push_back(LUMOS_TRY(read_device_profile(it->path())));
  }
  if (error) return fail(ErrorCode::kEnvironment, "{}: {}", folder.string(), error.message());
  std::ranges::sort(devices, {}, &Device::name);
  return devices;
}

}  // namespace lumos
