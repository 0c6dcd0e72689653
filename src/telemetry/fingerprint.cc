#include "telemetry/fingerprint.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <string>

#include "base/file.h"
#include "host/cgroup.h"
#include "host/placement.h"

namespace lumos {
namespace {

using nlohmann::ordered_json;

ordered_json first_line(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return nullptr;
  return text->substr(0, text->find('\n'));
}

// The value after "key" and a colon, in the manner of /proc/cpuinfo and /proc/meminfo.
ordered_json field(const std::filesystem::path& path, const std::string& key) {
  const auto text = read_file(path);
  if (!text) return nullptr;
  std::size_t at = text->starts_with(key) ? 0 : text->find("\n" + key);
  if (at == std::string::npos) return nullptr;
  at = text->find(':', at);
  const std::size_t begin = at == std::string::npos ? at : text->find_first_not_of(" \t", at + 1);
  if (begin == std::string::npos) return nullptr;
  return text->substr(begin, text->find('\n', begin) - begin);
}

}  // namespace

ordered_json machine_fingerprint(const std::filesystem::path& root) {
  utsname name{};
  ::uname(&name);
  const auto tree = CgroupTree::find(root / "sys/fs/cgroup");
  ordered_json cgroup = nullptr;
  if (tree) cgroup = tree->version == CgroupVersion::kV2 ? "v2" : "v1";
  const std::string flags = field(root / "proc/cpuinfo", "flags").dump();
  return {{"kernel", std::string(name.sysname) + " " + name.release},
          {"architecture", name.machine},
          {"processor", field(root / "proc/cpuinfo", "model name")},
          {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
          {"cores_allowed", allowed_cores()},
          {"memory", field(root / "proc/meminfo", "MemTotal")},
          {"cgroup", cgroup},
          {"clock_source", first_line(root / "sys/devices/system/clocksource/clocksource0/current_clocksource")},
          {"frequency_governor", first_line(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")},
          {"virtual_machine",
           flags == "null" ? ordered_json(nullptr) : ordered_json(flags.find(" hypervisor") != std::string::npos)},
          {"load_average", first_line(root / "proc/loadavg")}};
}

}  // namespace lumos
