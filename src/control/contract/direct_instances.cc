#include "control/contract/direct_instances.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "host/process.h"

namespace lumos {

using namespace std::chrono_literals;

Expected<std::unique_ptr<DirectInstances>> DirectInstances::start(LauncherConfig config,
                                                                  const std::filesystem::path& log, RunMark mark,
                                                                  std::unique_ptr<Surroundings> surroundings) {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return fail_errno("own network and mount namespaces");
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return fail_errno("private mounts");
  std::unique_ptr<DirectInstances> self(
      new DirectInstances(std::move(config), std::move(mark), std::move(surroundings)));
  LUMOS_TRY(make_cgroup(self->config_.cgroups, self->mark_.cgroup()));
  if (self->surroundings_) LUMOS_TRY(self->surroundings_->start(self->config_));
  const Fd output(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!output) return fail_errno(log.string());
  auto [ours, theirs] = LUMOS_TRY(Channel::pair());
  auto [ready, tell_ready] = LUMOS_TRY(Channel::pair());
  self->pid_ = LUMOS_TRY(fork_process(CLONE_NEWPID | CLONE_NEWNS,
                                      [&, &ours = ours, &theirs = theirs, &ready = ready, &tell_ready = tell_ready] {
                                        ::dup2(output.get(), 2);
                                        ours.close();
                                        ready.close();
                                        return run_launcher(self->config_, std::move(theirs), std::move(tell_ready));
                                      }));
  tell_ready.close();
  const auto message = LUMOS_TRY(ready.receive<wire::Text<512>>(30s));
  if (!message) return fail(ErrorCode::kEnvironment, "the launcher did not get ready within 30 s");
  if (!message->str().empty()) return fail(ErrorCode::kEnvironment, "the launcher cannot start: {}", message->str());
  self->launcher_ = std::move(ours);
  return self;
}

DirectInstances::~DirectInstances() {
  launcher_.close();
  if (pid_ > 0) {
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  surroundings_.reset();
  if (remove_cgroup(config_.cgroups, mark_.cgroup())) mark_.release();
}

// What the launcher says of other instances, and of earlier moments of this one, is passed over.
Expected<wire::LaunchEvent> DirectInstances::event_of(std::int64_t instance, wire::LaunchMessage wanted) {
  for (;;) {
    const auto event = LUMOS_TRY(launcher_.receive<wire::LaunchEvent>(60s));
    if (!event) return fail(ErrorCode::kInternal, "the launcher does not answer");
    if (event->instance != instance) continue;
    if (event->kind == wire::LaunchMessage::kFailed)
      return fail(ErrorCode::kMeasuredFailure, "the runtime could not create the instance: {}",
                  event->record.note.str());
    if (event->kind == wanted) return *event;
  }
}

Expected<DirectInstance> DirectInstances::launch(std::int64_t deployment) {
  const std::int64_t id = ++instances_;
  LUMOS_TRY(launcher_.send(wire::LaunchOrder{wire::LaunchAction::kLaunch, id, deployment}));
  const wire::LaunchEvent event = LUMOS_TRY(event_of(id, wire::LaunchMessage::kLaunched));
  return DirectInstance{id, event.record.name.str(), {event.address, kFunctionPort}};
}

Expected<std::string> DirectInstances::remove(const DirectInstance& instance) {
  LUMOS_TRY(launcher_.send(wire::LaunchOrder{.action = wire::LaunchAction::kRemove, .instance = instance.id}));
  return LUMOS_TRY(event_of(instance.id, wire::LaunchMessage::kRemoved)).record.note.str();
}

}  // namespace lumos
