#include "control/backend/density.h"

#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <charconv>
#include <thread>

#include "base/file.h"
#include "host/process.h"
#include "http/message.h"
#include "record/wire.h"
#include "telemetry/cgroup_counters.h"
#include "telemetry/kernel_text.h"
#include "telemetry/process_counters.h"

namespace lumos {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 30s;

// One request over a connection of its own, so that what a function allocates at its first invocation is there.
bool answers(std::uint32_t address, int port, const Input& input, const Given* given) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(address);
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return false;
  std::vector<std::pair<std::string, std::string>> headers{{"Content-Type", input.content_type}};
  if (given != nullptr) headers.insert(headers.end(), given->headers.begin(), given->headers.end());
  const std::string text =
      given == nullptr
          ? http::format_request("POST", "/", "instance", {{"Content-Type", input.content_type}}, input.body)
          : http::format_request(given->method, given->target, "instance", headers, input.body);
  const std::string status = std::to_string(given == nullptr ? 200 : given->status);
  std::array<char, 4096> answer{};
  return ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()) &&
         ::recv(fd.get(), answer.data(), answer.size(), 0) > 12 && std::string_view(answer.data() + 9, 3) == status;
}

bool answers_in_time(std::uint32_t address, int port, const Input& input, const Given* given) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!answers(address, port, input, given)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

std::vector<pid_t> members_of(const CgroupTree& tree, const std::string& group) {
  std::vector<pid_t> pids;
  const std::string text = read_kernel_file(tree.folders(group).at(0) / "cgroup.procs");
  for (const char* at = text.data(); at < text.data() + text.size();) {
    pid_t pid = 0;
    const auto [end, status] = std::from_chars(at, text.data() + text.size(), pid);
    if (status == std::errc{}) pids.push_back(pid);
    at = end + 1;
  }
  return pids;
}

void add_to(std::optional<std::int64_t>& sum, std::optional<std::int64_t> value) {
  sum = sum && value ? std::optional(*sum + *value) : std::nullopt;
}

// One that cannot be read makes the sum unknown.
DensityPoint read_point(const CgroupTree& tree, const std::vector<std::string>& groups) {
  DensityPoint point{.instances = static_cast<std::int64_t>(groups.size()),
                     .pss_bytes = 0,
                     .memory_bytes = 0,
                     .host_bytes = unavailable_memory(read_kernel_file("/proc/meminfo"))};
  for (const auto& group : groups) {
    add_to(point.memory_bytes, CgroupCounters::open(tree, group).memory_bytes());
    const auto pids = members_of(tree, group);
    if (pids.empty()) point.pss_bytes.reset();
    for (const pid_t pid : pids) {
      InstanceCounters counters;
      (void)read_process(pid, counters);
      add_to(point.pss_bytes, counters.pss_bytes);
    }
  }
  return point;
}

class Rig {
 public:
  Rig(const LauncherConfig& config, const Channel& launcher) : config_(config), launcher_(launcher) {}

  Expected<> run(const Input& input, const Given* given, const std::function<void(const DensityPoint&)>& tell) {
    tell(read_point(config_.cgroups, groups_));
    for (std::int64_t id = 1; id <= config_.slots; ++id) {
      LUMOS_TRY(launcher_.send(wire::LaunchOrder{.action = wire::LaunchAction::kLaunch, .instance = id}));
      const wire::LaunchEvent event = LUMOS_TRY(next(id));
      if (event.kind != wire::LaunchMessage::kLaunched)
        return fail(ErrorCode::kEnvironment, "instance {} side by side: {}", id, event.record.note.str());
      if (!answers_in_time(event.address, config_.specs.at(0).port, input, given))
        return fail(ErrorCode::kEnvironment, "instance {} side by side does not answer", id);
      groups_.push_back(event.cgroup.str());
      tell(read_point(config_.cgroups, groups_));
    }
    return {};
  }

 private:
  Expected<wire::LaunchEvent> next(std::int64_t id) {
    for (;;) {
      const auto event = LUMOS_TRY(launcher_.receive<wire::LaunchEvent>(kPatience));
      if (!event) return fail(ErrorCode::kInternal, "instance {} side by side: the launcher does not answer", id);
      if (event->instance == id || event->kind == wire::LaunchMessage::kEnded) return *event;
    }
  }

  const LauncherConfig& config_;
  const Channel& launcher_;
  std::vector<std::string> groups_;  // of the living
};

}  // namespace

Expected<> measure_density(const LauncherConfig& config, const Input& input, const Given* given,
                           const std::function<void(const DensityPoint&)>& point) {
  auto [ours, theirs] = LUMOS_TRY(Channel::pair());
  auto [ready, tell_ready] = LUMOS_TRY(Channel::pair());
  const pid_t launcher = LUMOS_TRY(fork_process(
      CLONE_NEWPID | CLONE_NEWNS, [&, &ours = ours, &theirs = theirs, &ready = ready, &tell_ready = tell_ready] {
        ours.close();
        ready.close();
        return run_launcher(config, std::move(theirs), std::move(tell_ready));
      }));
  theirs.close();
  tell_ready.close();
  const auto message = ready.receive<wire::Text<512>>(kPatience);
  const std::string refused = !message || !*message ? "no answer" : (*message)->str();
  Expected<> result = refused.empty() ? Rig(config, ours).run(input, given, point)
                                      : fail(ErrorCode::kEnvironment, "the launcher cannot start: {}", refused);
  ours.close();  // then it removes every instance
  ::waitpid(launcher, nullptr, 0);
  return result;
}

std::optional<std::int64_t> unavailable_memory(std::string_view meminfo) {
  const auto total = number_after(meminfo, "MemTotal:"), available = number_after(meminfo, "MemAvailable:");
  if (!total || !available) return std::nullopt;
  return (*total - *available) * 1024;
}

}  // namespace lumos
