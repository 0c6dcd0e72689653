#include "telemetry/machine_counters.h"

#include <unistd.h>

#include <array>
#include <string>

#include "base/clock.h"
#include "telemetry/kernel_text.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

// Mean of what the cores say; nullopt where none does, as in most virtual machines.
std::optional<std::int64_t> mean_frequency_khz(const fs::path& cpus) {
  std::int64_t sum = 0, cores = 0;
  std::error_code error;
  for (auto it = fs::directory_iterator(cpus, error); !error && it != fs::end(it); it.increment(error)) {
    const auto khz = number_after(read_kernel_file(it->path() / "cpufreq/scaling_cur_freq"), "");
    if (!khz) continue;
    sum += *khz;
    ++cores;
  }
  return cores == 0 ? std::nullopt : std::optional(sum / cores);
}

}  // namespace

// Five of them fit into one.
constexpr std::int64_t kMostTicks = std::int64_t{1} << 60;

namespace {

// "cpu  USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL GUEST GUEST_NICE": the guests' time is in USER and NICE already.
std::optional<CpuTicks> parse_ticks(std::string_view line) {
  std::array<std::int64_t, 8> ticks{};
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const auto value = number_after(word_at(line, static_cast<int>(i) + 2), "");
    if (!value || *value < 0 || *value > kMostTicks) return std::nullopt;
    ticks[i] = *value;
  }
  return CpuTicks{.busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6], .steal = ticks[7]};
}

}  // namespace

std::optional<CpuTicks> parse_cpu_ticks(std::string_view proc_stat) {
  if (!proc_stat.starts_with("cpu ")) return std::nullopt;
  return parse_ticks(proc_stat.substr(0, proc_stat.find('\n')));
}

std::optional<CpuTicks> parse_core_ticks(std::string_view proc_stat, int core) {
  const std::string begin = "\ncpu" + std::to_string(core) + " ";
  const std::size_t at = proc_stat.find(begin);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view line = proc_stat.substr(at + 1);
  return parse_ticks(line.substr(0, line.find('\n')));
}

std::optional<std::int64_t> parse_pressure_some_ns(std::string_view pressure) {
  if (!pressure.starts_with("some ")) return std::nullopt;
  return times(number_after(pressure.substr(0, pressure.find('\n')), "total="), 1000);
}

MachineUse read_machine(const fs::path& root) {
  const std::int64_t tick_ns = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
  MachineUse use{.elapsed_ns = monotonic_ns()};
  if (const auto ticks = parse_cpu_ticks(read_kernel_file(root / "proc/stat"))) {
    use.steal_ns = times(ticks->steal, tick_ns);
    use.machine_busy_ns = times(ticks->busy, tick_ns);
  }
  use.psi_cpu_ns = parse_pressure_some_ns(read_kernel_file(root / "proc/pressure/cpu"));
  use.psi_memory_ns = parse_pressure_some_ns(read_kernel_file(root / "proc/pressure/memory"));
  use.frequency_khz = mean_frequency_khz(root / "sys/devices/system/cpu");
  return use;
}

}  // namespace lumos
