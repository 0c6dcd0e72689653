#include "control/environment/stressor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <new>
#include <thread>

#include "control/environment/kernels.h"
#include "control/environment/pace.h"
#include "host/placement.h"
#include "host/process.h"

namespace lumos {

// Written by the worker, read by whoever started it. 0: not yet.
struct StressorPage {
  std::atomic<std::int64_t> begun{0};  // CLOCK_MONOTONIC ns, when it began to work
  std::atomic<std::int64_t> cpu{0}, bytes{0};
  std::atomic<int> error{0};  // why it could not
};

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kMostLate = 10ms, kCpuPeriod = 1ms;
constexpr std::size_t kMemory = std::size_t{64} << 20, kCopy = 256 << 10;
constexpr std::size_t kFile = std::size_t{64} << 20, kBlock = 4 << 10, kMostWritten = 64 << 10;
constexpr double kWritesPerSecond = 250;
constexpr auto kPatience = 10s;

Nanoseconds thread_cpu() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + Nanoseconds(t.tv_nsec);
}

Nanoseconds now() { return Nanoseconds(monotonic_ns()); }

void wait_until(Nanoseconds due) {
  if (due <= now()) return;
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(due);
  const timespec at{.tv_sec = s.count(), .tv_nsec = (due - s).count()};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

// Slices without end, each after its time has passed, so that never more was done than asked; each says how many bytes
// it moved, or −1.
template <typename Slice>
int work(StressorPage& page, Nanoseconds every, const Slice& slice) {
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  const Nanoseconds cpu_before = thread_cpu();
  Pace pace(now(), every, kMostLate);
  page.begun = monotonic_ns();
  for (;;) {
    wait_until(pace.next(now()));
    const std::int64_t bytes = slice();
    if (bytes < 0) return 1;
    page.bytes += bytes;
    page.cpu = (thread_cpu() - cpu_before).count();
  }
}

Nanoseconds time_of(std::size_t bytes, double bytes_per_s) {
  return Nanoseconds(static_cast<std::int64_t>(static_cast<double>(bytes) / bytes_per_s * 1e9));
}

int burn(StressorPage& page, double share) {
  const Nanoseconds slice(static_cast<std::int64_t>(share * static_cast<double>(kCpuPeriod.count())));
  return work(page, kCpuPeriod, [&] {
    for (const Nanoseconds end = thread_cpu() + slice; thread_cpu() < end;)
      asm volatile("" : : "r"(kernels::integer(1000)));
    return 0;
  });
}

int copy(StressorPage& page, double bytes_per_s) {
  std::vector<char> from(kMemory, 1), to(kMemory, 2);
  std::size_t at = 0;
  return work(page, time_of(kCopy, bytes_per_s), [&] {
    std::memcpy(&to[at], &from[at], kCopy);
    at = (at + kCopy) % kMemory;
    return std::int64_t{kCopy};
  });
}

// How much at once: a slow rate is many small writes, not a large one now and then.
std::size_t write_size(double bytes_per_s) {
  return std::clamp(static_cast<std::size_t>(bytes_per_s / kWritesPerSecond) / kBlock * kBlock, kBlock, kMostWritten);
}

// The file has no name: it goes with the process.
int write_disk(StressorPage& page, double bytes_per_s, const std::filesystem::path& folder) {
  const Fd file(::open(folder.c_str(), O_WRONLY | O_TMPFILE | O_DIRECT | O_CLOEXEC, 0600));
  const std::size_t size = write_size(bytes_per_s);
  void* const memory = std::aligned_alloc(kBlock, size);
  if (!file || memory == nullptr) {
    page.error = errno == 0 ? ENOMEM : errno;
    return 1;
  }
  std::memset(memory, 0x5A, size);
  if (::fallocate(file.get(), 0, 0, kFile) != 0 && errno != EOPNOTSUPP) {
    page.error = errno;
    return 1;
  }
  std::size_t at = 0;
  return work(page, time_of(size, bytes_per_s), [&] {
    const ssize_t n = ::pwrite(file.get(), memory, size, static_cast<off_t>(at));
    at = at + 2 * size > kFile ? 0 : at + size;
    return std::int64_t{n};
  });
}

int run_worker(StressorPage& page, const Neighbour& neighbour, const StressorPlace& place, const CgroupEntry& group,
               const std::vector<int>& cores) {
  ::setpgid(0, 0);  // no Ctrl-C of the terminal
  for (const auto& procs : group.procs) {
    if (::write(procs.get(), "0", 1) != 1) {
      page.error = errno;
      return 1;
    }
  }
  if (!place_process(0, cores, false).empty()) {
    page.error = EINVAL;
    return 1;
  }
  if (neighbour.kind == NeighbourKind::kCpu) return burn(page, neighbour.amount);
  if (neighbour.kind == NeighbourKind::kMemory) return copy(page, neighbour.amount);
  return write_disk(page, neighbour.amount, place.folder);
}

const char* name_of_kind(NeighbourKind kind) {
  return kind == NeighbourKind::kCpu ? "cpu" : kind == NeighbourKind::kMemory ? "memory" : "io";
}

}  // namespace

Expected<std::unique_ptr<Stressor>> Stressor::start(const Neighbour& neighbour, const StressorPlace& place) {
  std::unique_ptr<Stressor> stressor(new Stressor);
  if (neighbour.kind == NeighbourKind::kNone) return stressor;
  LUMOS_TRY(make_cgroup(place.cgroups, place.cgroup));
  const CgroupEntry group = LUMOS_TRY(open_cgroup(place.cgroups, place.cgroup));
  if (neighbour.kind == NeighbourKind::kCpu) {
    for (const int core : place.cores) LUMOS_TRY(stressor->add(neighbour, place, group, {core}));
  } else {
    LUMOS_TRY(stressor->add(neighbour, place, group, place.cores));
  }
  return stressor;
}

Expected<> Stressor::add(const Neighbour& neighbour, const StressorPlace& place, const CgroupEntry& group,
                         const std::vector<int>& cores) {
  void* at = ::mmap(nullptr, sizeof(StressorPage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return fail_errno("shared memory");
  workers_.push_back({.page = ::new (at) StressorPage});
  Worker& worker = workers_.back();
  worker.pid = LUMOS_TRY(fork_process(0, [&] { return run_worker(*worker.page, neighbour, place, group, cores); }));
  const Nanoseconds deadline = now() + kPatience;
  while (worker.page->begun == 0) {
    const bool ended = ::waitpid(worker.pid, nullptr, WNOHANG) == worker.pid;
    if (ended) worker.pid = 0;
    if (ended && worker.page->error == 0) worker.page->error = ECHILD;
    if (ended || now() > deadline) {
      return fail(ErrorCode::kEnvironment, "neighbour {}: cannot work in {}: {}", name_of_kind(neighbour.kind),
                  place.folder.string(), ended ? std::strerror(worker.page->error) : "not ready within 10 s");
    }
    std::this_thread::sleep_for(1ms);
  }
  return {};
}

Stressor::~Stressor() {
  for (const Worker& worker : workers_) {
    if (worker.pid > 0) {
      ::kill(worker.pid, SIGKILL);
      ::waitpid(worker.pid, nullptr, 0);
    }
    ::munmap(worker.page, sizeof(StressorPage));
  }
}

NeighbourUse Stressor::use() const {
  if (workers_.empty()) return {};
  NeighbourUse use{.elapsed_ns = 0, .cpu_ns = 0, .bytes = 0};
  for (const Worker& worker : workers_) {
    *use.elapsed_ns += monotonic_ns() - worker.page->begun;
    *use.cpu_ns += worker.page->cpu;
    *use.bytes += worker.page->bytes;
  }
  return use;
}

}  // namespace lumos
