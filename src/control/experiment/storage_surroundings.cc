#include "control/experiment/storage_surroundings.h"

#include <fcntl.h>

#include <algorithm>

namespace lumos {
namespace {

using namespace std::chrono_literals;

// The function gives up on its storage before it is given up on itself.
std::int64_t storage_timeout_ms(const StopRule& stop) {
  return std::max<std::int64_t>(1, std::min<Nanoseconds>(10s, stop.timeout / 2) / 1ms);
}

class StorageSurroundings final : public Surroundings {
 public:
  StorageSurroundings(const Plan& plan, std::vector<Environment> environments, StorageConfig config)
      : plan_(plan), environments_(std::move(environments)), config_(std::move(config)) {}

  Expected<> start(LauncherConfig& launcher) override {
    storage_ = LUMOS_TRY(Storage::start(config_));
    launcher.reachable = storage_->addresses();
    for (std::size_t i = 0; i < environments_.size(); ++i) {
      StorageAccess access = storage_->access(environments_[i], kVolume);
      if (access.environment.empty()) continue;
      access.environment.push_back(std::format("LUMOS_STORAGE_TIMEOUT_MS={}", storage_timeout_ms(plan_.stop)));
      auto& environment = launcher.specs.at(i).environment;
      environment.insert(environment.end(), access.environment.begin(), access.environment.end());
      launcher.specs.at(i).volume = std::move(access.volume);
    }
    return {};
  }

  Expected<> fill_storage(const Cell& cell) override {
    const Input& input = plan_.input_of(cell);
    if (!input.stored) return {};
    return storage_->fill(kind_of(cell), input);
  }

  Expected<std::string> look_at_stored(const Cell& cell) override {
    const Input& input = plan_.input_of(cell);
    if (!input.stored) return std::string();
    return storage_->look(kind_of(cell), input);
  }

  nlohmann::ordered_json describe() const override { return {{"storage", storage_->describe()}}; }

 private:
  const std::string& kind_of(const Cell& cell) const {
    return plan_.deployments.at(static_cast<std::size_t>(cell.deployment)).environment.storage;
  }

  const Plan& plan_;
  std::vector<Environment> environments_;
  StorageConfig config_;
  std::unique_ptr<Storage> storage_;
};

}  // namespace

std::set<std::string> storages_of(const Plan& plan) {
  std::set<std::string> kinds;
  for (const auto& d : plan.deployments) kinds.insert(d.environment.storage);
  kinds.erase("inline");
  return kinds;
}

std::unique_ptr<Surroundings> make_storage_surroundings(const Plan& plan, std::vector<Environment> environments,
                                                        StorageConfig config) {
  config.kinds = storages_of(plan);
  if (config.kinds.empty()) return nullptr;
  config.own = plan.own_servers;
  config.outside = std::make_shared<const Fd>(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  return std::make_unique<StorageSurroundings>(plan, std::move(environments), std::move(config));
}

}  // namespace lumos
