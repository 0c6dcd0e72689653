#include "telemetry/process_counters.h"

#include <unistd.h>

#include <charconv>
#include <ctime>

#include "telemetry/kernel_text.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

std::optional<std::int64_t> whole_number(std::string_view word) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), value);
  return status == std::errc{} && end == word.data() + word.size() ? std::optional(value) : std::nullopt;
}

// The kernel counts switches per thread, and forgets those of threads that have ended.
void read_switches(const fs::path& folder, InstanceCounters& into) {
  std::error_code error;
  for (auto it = fs::directory_iterator(folder / "task", error); !error && it != fs::end(it); it.increment(error)) {
    const std::string status = read_kernel_file(it->path() / "status");
    const auto add = [&](std::optional<std::int64_t>& sum, std::string_view key) {
      if (const auto value = number_after(status, key)) sum = sum.value_or(0) + *value;
    };
    add(into.context_switches_voluntary, "voluntary_ctxt_switches:");
    add(into.context_switches_involuntary, "nonvoluntary_ctxt_switches:");
  }
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  // "PID (NAME) STATE …": the name ends at the last parenthesis. Numbers of fields are those of proc_pid_stat(5).
  const std::size_t name_end = text.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  const std::string_view from_state = text.substr(name_end + 2);
  const auto field = [&](int number) { return whole_number(word_at(from_state, number - 2)); };
  const auto parent = field(4), minor = field(10), major = field(12), user = field(16), system = field(17),
             core = field(39);
  std::int64_t reaped = 0;
  if (!parent || !minor || !major || !user || !system || !core || __builtin_add_overflow(*user, *system, &reaped))
    return std::nullopt;
  return ProcessStat{.parent = *parent,
                     .page_faults_minor = *minor,
                     .page_faults_major = *major,
                     .reaped_ticks = reaped,
                     .last_core = *core};
}

std::optional<std::string> read_process(pid_t pid, InstanceCounters& into, const fs::path& proc) {
  const fs::path folder = proc / std::to_string(pid);
  if (const auto stat = parse_process_stat(read_kernel_file(folder / "stat"))) {
    into.page_faults_minor = stat->page_faults_minor;
    into.page_faults_major = stat->page_faults_major;
    into.last_core = stat->last_core;
  }
  read_switches(folder, into);
  into.pss_bytes = times(number_after(read_kernel_file(folder / "smaps_rollup"), "Pss:"), 1024);
  const std::string io = read_kernel_file(folder / "io");
  if (!into.block_read_bytes) into.block_read_bytes = number_after(io, "read_bytes:");
  if (!into.block_write_bytes) into.block_write_bytes = number_after(io, "write_bytes:");
  const std::string status = read_kernel_file(folder / "status");
  const auto cores = text_after(status, "Cpus_allowed_list:");
  return cores ? std::optional(std::string(word_at(*cores, 1))) : std::nullopt;
}

std::optional<pid_t> parent_of(pid_t pid) {
  const auto stat = parse_process_stat(read_kernel_file("/proc/" + std::to_string(pid) + "/stat"));
  return stat ? std::optional(static_cast<pid_t>(stat->parent)) : std::nullopt;
}

std::optional<Nanoseconds> process_cpu_of(pid_t pid) {
  clockid_t clock = 0;
  timespec t{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &t) != 0) return std::nullopt;
  return std::chrono::seconds(t.tv_sec) + Nanoseconds(t.tv_nsec);
}

std::optional<Nanoseconds> reaped_cpu_of(pid_t pid) {
  const auto stat = parse_process_stat(read_kernel_file("/proc/" + std::to_string(pid) + "/stat"));
  if (!stat) return std::nullopt;
  return Nanoseconds(stat->reaped_ticks * (1'000'000'000 / ::sysconf(_SC_CLK_TCK)));
}

}  // namespace lumos
