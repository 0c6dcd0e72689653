// What is read of instances and of the machine beside the samples. What was not read is nullopt, never 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace lumos {

/// Read of an instance at its end, before it is killed; everything since its process was born. Of one that ended by
/// itself only what does not need its process: throttling, network, block bytes of a control group.
struct InstanceCounters {
  std::optional<std::int64_t> context_switches_voluntary, context_switches_involuntary;  // all its threads
  std::optional<std::int64_t> page_faults_minor, page_faults_major;
  std::optional<std::int64_t> pss_bytes;     // proportional share of every page it maps
  std::optional<std::int64_t> memory_bytes;  // charged to its control group
  std::optional<std::int64_t> throttled_periods, throttled_ns;
  std::optional<std::int64_t> block_read_bytes, block_write_bytes;
  std::optional<std::int64_t> network_receive_bytes, network_send_bytes;  // as it sees them, link headers included
  std::optional<std::int64_t> last_core;                                  // on which its process ran last
  std::optional<std::int64_t> series_missed;  // ticks of its time series that were due and are not recorded
  std::optional<std::int64_t> cpu_periods;    // of its quota in which it was looked at; of those throttled_periods
  std::optional<std::int64_t> cpu_quota_ns, cpu_period_ns;  // as the kernel has them; unknown: it has no quota
  std::optional<std::int64_t> memory_limit_bytes;           // likewise
  std::optional<std::int64_t> oom_kills;                    // by the kernel, at that limit
};

/// The numbers of a run's surroundings: cumulative since boot, or what `since` makes of two: those of a window.
struct MachineUse {
  std::optional<std::int64_t> elapsed_ns;       // CLOCK_MONOTONIC
  std::optional<std::int64_t> steal_ns;         // taken by the hypervisor, all cores
  std::optional<std::int64_t> machine_busy_ns;  // neither idle nor stolen, all cores
  std::optional<std::int64_t> own_cpu_ns;       // of it: Lumos, the OCI runtimes it calls, and its instances
  std::optional<std::int64_t>
      throttled_ns;                        // of control groups above the instances', such as a container's around Lumos
  std::optional<std::int64_t> psi_cpu_ns;  // some task waited for a core
  std::optional<std::int64_t> psi_memory_ns;  // some task waited for memory
  std::optional<std::int64_t> frequency_khz;  // mean over the cores, now: not cumulative

  /// What came between `earlier` and this; the frequency is this one's.
  MachineUse since(const MachineUse& earlier) const;
};

/// How much of the files of a cold start lay in the page cache just before it (mincore): of the image's, and of the
/// programs and libraries that its runtime alone needs.
struct CacheUse {
  std::optional<std::int64_t> image_pages, image_pages_cached;
  std::optional<std::int64_t> runtime_pages, runtime_pages_cached;
  std::optional<std::int64_t> image_layers, image_layers_there;  // of an image that is pulled: unpacked or not
  std::string exception;  // a file that is not as it was asked to be; empty: there is none
};

/// What the neighbour of a visit did, from when it was at work until after the last invocation.
struct NeighbourUse {
  std::optional<std::int64_t> elapsed_ns;  // added up over its processes: one on each core, or one alone
  std::optional<std::int64_t> cpu_ns;      // of them all
  std::optional<std::int64_t> bytes;       // copied, or written
};

/// One tick of the time series of a living instance.
struct SeriesPoint {
  std::int64_t t_ns = 0;                     // CLOCK_MONOTONIC
  std::optional<std::int64_t> cpu_total_ns;  // cumulative, of its control group
  std::optional<std::int64_t> memory_bytes;  // charged to it
};

// Names of columns, files and outputs, in their one order.

template <typename T>
using CounterName = std::pair<const char*, std::optional<std::int64_t> T::*>;

inline constexpr std::array<CounterName<InstanceCounters>, 19> kInstanceCounters{
    {{"context_switches_voluntary", &InstanceCounters::context_switches_voluntary},
     {"context_switches_involuntary", &InstanceCounters::context_switches_involuntary},
     {"page_faults_minor", &InstanceCounters::page_faults_minor},
     {"page_faults_major", &InstanceCounters::page_faults_major},
     {"pss_bytes", &InstanceCounters::pss_bytes},
     {"memory_bytes", &InstanceCounters::memory_bytes},
     {"throttled_periods", &InstanceCounters::throttled_periods},
     {"throttled_ns", &InstanceCounters::throttled_ns},
     {"block_read_bytes", &InstanceCounters::block_read_bytes},
     {"block_write_bytes", &InstanceCounters::block_write_bytes},
     {"network_receive_bytes", &InstanceCounters::network_receive_bytes},
     {"network_send_bytes", &InstanceCounters::network_send_bytes},
     {"last_core", &InstanceCounters::last_core},
     {"series_missed", &InstanceCounters::series_missed},
     {"cpu_periods", &InstanceCounters::cpu_periods},
     {"cpu_quota_ns", &InstanceCounters::cpu_quota_ns},
     {"cpu_period_ns", &InstanceCounters::cpu_period_ns},
     {"memory_limit_bytes", &InstanceCounters::memory_limit_bytes},
     {"oom_kills", &InstanceCounters::oom_kills}}};

inline constexpr std::array<CounterName<MachineUse>, 8> kMachineUse{{{"elapsed_ns", &MachineUse::elapsed_ns},
                                                                     {"steal_ns", &MachineUse::steal_ns},
                                                                     {"machine_busy_ns", &MachineUse::machine_busy_ns},
                                                                     {"own_cpu_ns", &MachineUse::own_cpu_ns},
                                                                     {"throttled_ns", &MachineUse::throttled_ns},
                                                                     {"psi_cpu_ns", &MachineUse::psi_cpu_ns},
                                                                     {"psi_memory_ns", &MachineUse::psi_memory_ns},
                                                                     {"frequency_khz", &MachineUse::frequency_khz}}};

inline constexpr std::array<CounterName<CacheUse>, 6> kCacheUse{
    {{"image_pages", &CacheUse::image_pages},
     {"image_pages_cached", &CacheUse::image_pages_cached},
     {"runtime_pages", &CacheUse::runtime_pages},
     {"runtime_pages_cached", &CacheUse::runtime_pages_cached},
     {"image_layers", &CacheUse::image_layers},
     {"image_layers_there", &CacheUse::image_layers_there}}};

inline constexpr std::array<CounterName<NeighbourUse>, 3> kNeighbourUse{
    {{"neighbour_elapsed_ns", &NeighbourUse::elapsed_ns},
     {"neighbour_cpu_ns", &NeighbourUse::cpu_ns},
     {"neighbour_bytes", &NeighbourUse::bytes}}};

inline MachineUse MachineUse::since(const MachineUse& earlier) const {
  MachineUse window;
  for (const auto& [name, field] : kMachineUse) {
    if (this->*field && earlier.*field) window.*field = *(this->*field) - *(earlier.*field);
  }
  window.frequency_khz = frequency_khz;
  return window;
}

}  // namespace lumos
