#include "control/load/thread_use.h"

#include <sched.h>
#include <sys/resource.h>

#include <ctime>

namespace lumos {
namespace {

constexpr rlim_t kOtherDescriptors = 32;

}  // namespace

bool in_real_time() { return (::sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) == SCHED_FIFO; }

Nanoseconds thread_cpu() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + Nanoseconds(t.tv_nsec);
}

Expected<> allow_descriptors(int connections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed = static_cast<rlim_t>(connections) + kOtherDescriptors;
  if (limit.rlim_cur >= needed) return {};
  rlimit raised = limit;
  raised.rlim_cur = needed;
  if (needed <= limit.rlim_max && ::setrlimit(RLIMIT_NOFILE, &raised) == 0) return {};
  return fail(ErrorCode::kEnvironment,
              "{} connections need {} descriptors, and this process may have {}: raise it by ulimit -n", connections,
              needed, limit.rlim_max);
}

}  // namespace lumos
