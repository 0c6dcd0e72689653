// Instances that are talked to directly: a launcher of their own, no gateway, no generator.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/channel.h"
#include "control/backend/launcher.h"
#include "control/backend/surroundings.h"
#include "control/contract/conversation.h"
#include "host/leftovers.h"
#include "record/wire.h"

namespace lumos {

struct DirectInstance {
  std::int64_t id = 0;
  std::string name;
  InstanceAddress address;
};

/// Makes and removes instances of the launcher's specs. One thread.
class DirectInstances {
 public:
  /// Leaves this process's network and mount namespaces for new ones, starts what lies around the instances (nullptr:
  /// nothing) and the launcher; what it has to say goes to `log`. The caller is single-threaded and root. Error:
  /// kEnvironment.
  static Expected<std::unique_ptr<DirectInstances>> start(LauncherConfig config, const std::filesystem::path& log,
                                                          RunMark mark,
                                                          std::unique_ptr<Surroundings> surroundings = nullptr);
  /// Ends the launcher, and with it every instance; removes the control groups.
  ~DirectInstances();

  /// A new instance of specs[deployment]. What cannot be made is a kMeasuredFailure that says why.
  Expected<DirectInstance> launch(std::int64_t deployment);
  /// Waits until it is gone; returns the last lines it wrote.
  Expected<std::string> remove(const DirectInstance& instance);
  /// nullptr: none.
  Surroundings* surroundings() const { return surroundings_.get(); }

 private:
  DirectInstances(LauncherConfig config, RunMark mark, std::unique_ptr<Surroundings> surroundings)
      : config_(std::move(config)), mark_(std::move(mark)), surroundings_(std::move(surroundings)) {}
  Expected<wire::LaunchEvent> event_of(std::int64_t instance, wire::LaunchMessage wanted);

  LauncherConfig config_;
  RunMark mark_;
  std::unique_ptr<Surroundings> surroundings_;
  Channel launcher_;
  pid_t pid_ = 0;
  std::int64_t instances_ = 0;
};

}  // namespace lumos
