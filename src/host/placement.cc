#include "host/placement.h"

#include <sched.h>

#include <cerrno>
#include <cstring>

namespace lumos {

namespace {

cpu_set_t set_of(const std::vector<int>& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(static_cast<std::size_t>(core), &set);
  return set;
}

bool is_real_time(pid_t pid) {
  const int policy = ::sched_getscheduler(pid) & ~SCHED_RESET_ON_FORK;
  return policy == SCHED_FIFO || policy == SCHED_RR;
}

bool make_real_time(pid_t pid) {
  const sched_param priority{.sched_priority = 1};
  return ::sched_setscheduler(pid, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) == 0;
}

bool make_ordinary(pid_t pid) {
  const sched_param priority{.sched_priority = 0};
  return !is_real_time(pid) || ::sched_setscheduler(pid, SCHED_OTHER, &priority) == 0;
}

}  // namespace

std::vector<int> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(static_cast<std::size_t>(i), &set)) cores.push_back(i);
  }
  return cores;
}

Expected<> bind_to_cores(const std::vector<int>& cores) {
  const cpu_set_t set = set_of(cores);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) return fail_errno("binding to cores " + format_cores(cores));
  return {};
}

Expected<> enter_real_time() {
  if (!make_real_time(0)) return fail_errno("real-time priority");
  return {};
}

std::vector<std::string> place_process(pid_t pid, const std::vector<int>& cores, bool real_time) {
  std::vector<std::string> refused;
  const cpu_set_t set = set_of(cores);
  if (::sched_setaffinity(pid, sizeof set, &set) != 0)
    refused.push_back(std::format("cores {}: {}", format_cores(cores), std::strerror(errno)));
  if (!(real_time ? make_real_time(pid) : make_ordinary(pid)))
    refused.push_back(std::format("{} priority: {}", real_time ? "real-time" : "ordinary", std::strerror(errno)));
  return refused;
}

std::string format_cores(const std::vector<int>& cores) {
  std::string text;
  for (std::size_t i = 0; i < cores.size();) {
    std::size_t j = i;
    while (j + 1 < cores.size() && cores[j + 1] == cores[j] + 1) ++j;
    text += (text.empty() ? "" : ",") + std::to_string(cores[i]);
    if (j > i) text += "-" + std::to_string(cores[j]);
    i = j + 1;
  }
  return text;
}

}  // namespace lumos
