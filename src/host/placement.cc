#include "host/placement.h"

#include <sched.h>

namespace lumos {

nlohmann::ordered_json Placement::to_json() const {
  return {{"conductor", observers}, {"generator", observers}, {"gateway", observers},
          {"launcher", instances},  {"instances", instances}, {"shared", shared}};
}

Placement plan_placement(const std::vector<int>& cores) {
  if (cores.size() < 2) return {.observers = cores, .instances = cores, .shared = true};
  return {.observers = {cores.front()}, .instances = {cores.begin() + 1, cores.end()}};
}

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
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(static_cast<std::size_t>(core), &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) return fail_errno("binding to cores " + format_cores(cores));
  return {};
}

Expected<> enter_real_time() {
  const sched_param priority{.sched_priority = 1};
  if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority) != 0)
    return fail_errno("real-time priority");
  return {};
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
