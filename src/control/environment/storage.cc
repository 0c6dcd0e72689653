#include "control/environment/storage.h"

#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "control/environment/own_server.h"
#include "control/environment/redis.h"
#include "control/environment/s3.h"

namespace lumos {
namespace {

namespace fs = std::filesystem;

// On tmpfs of the run's own mount namespace: gone with it, and seen by no other run.
constexpr const char* kFolder = "/run/lumos-storage";
constexpr const char* kNetworks = "/run/netns";  // where `ip netns` makes its files

Expected<> mount_memory(const char* folder, const char* options) {
  if (::mkdir(folder, 0755) != 0 && errno != EEXIST) return fail_errno(folder);
  if (::mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) != 0) return fail_errno(folder);
  return {};
}

Expected<std::unique_ptr<StorageServer>> start_server(const std::string& kind, const ServerSite& site,
                                                      const StorageConfig& config) {
  if (const auto own = config.own.find(kind); own != config.own.end())
    return start_own_server(kind, site, own->second, config.outside->get());
  return kind == "redis" ? start_redis(site) : start_s3(site, config.s3_server);
}

}  // namespace

std::string random_secret(int length) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  static_assert(kLetters.size() == 64);
  std::string secret(static_cast<std::size_t>(length), '\0');
  LUMOS_CHECK(::getrandom(secret.data(), secret.size(), 0) == static_cast<ssize_t>(secret.size()));
  for (char& c : secret) c = kLetters[static_cast<unsigned char>(c) % 64];
  return secret;
}

Expected<std::unique_ptr<Storage>> Storage::start(const StorageConfig& config) {
  std::unique_ptr<Storage> storage(new Storage(config));
  if (config.kinds.empty()) return storage;
  LUMOS_TRY(mount_memory(kFolder, "mode=700,size=2g"));
  std::vector<std::string> names;
  for (const auto& kind : config.kinds) {
    const fs::path folder = fs::path(kFolder) / kind;
    if (::mkdir(folder.c_str(), 0755) != 0) return fail_errno(folder.string());
    if (kind == "local")
      storage->volume_ = folder;
    else
      names.push_back(kind);
  }
  if (names.empty()) return storage;
  LUMOS_TRY(mount_memory(kNetworks, "mode=700,size=16m"));
  LUMOS_TRY(let_packets_pass());
  storage->places_ = LUMOS_TRY(make_network_places(storage->runner_, names));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const ServerSite site{.place = storage->places_[i],
                          .folder = fs::path(kFolder) / names[i],
                          .log = config.logs / (names[i] + ".log"),
                          .cores = config.cores,
                          .cgroups = config.cgroups,
                          .cgroup = config.cgroup + "/s-" + names[i]};
    storage->servers_[names[i]] = LUMOS_TRY(start_server(names[i], site, config));
  }
  return storage;
}

StorageAccess Storage::access(const Environment& environment, const std::string& mounted_at) const {
  if (environment.storage == "local") return {.environment = {"LUMOS_STORAGE=local:" + mounted_at}, .volume = volume_};
  const auto server = servers_.find(environment.storage);
  if (server == servers_.end()) return {};
  const auto way = config_.ways.find({environment.storage, environment.link_storage.value_or("")});
  const std::uint32_t address = way == config_.ways.end() ? place_of(environment.storage).address : way->second;
  StorageAccess access{.environment = server->second->environment(address)};
  access.environment.push_back("LUMOS_CONNECTION=" + environment.connection.value_or("kept"));
  return access;
}

std::string Storage::network_of(const std::string& kind) { return std::string(kNetworks) + "/" + kind; }

std::vector<std::uint32_t> Storage::addresses() const {
  std::vector<std::uint32_t> addresses;
  for (const auto& place : places_) addresses.push_back(place.address);
  for (const auto& [way, address] : config_.ways) addresses.push_back(address);
  return addresses;
}

const NetworkPlace& Storage::place_of(const std::string& kind) const {
  const auto place = std::ranges::find(places_, network_of(kind), &NetworkPlace::path);
  LUMOS_CHECK(place != places_.end());
  return *place;
}

Expected<CommandResult> Storage::ask(const std::string& kind, std::vector<std::string> words) {
  words.insert(words.begin(), config_.client.string());
  const StorageAccess access = this->access({.storage = kind, .connection = "kept"}, volume_.string());
  CommandResult result = LUMOS_TRY(runner_.run({.argv = words, .environment = access.environment}));
  if (result.exit_code <= 1) return result;
  return fail(ErrorCode::kEnvironment, "storage {}: {} (what it said: {})", kind, result.errors,
              (config_.logs / (kind + ".log")).string());
}

Expected<> Storage::fill(const std::string& kind, const Input& input) {
  LUMOS_TRY(ask(kind, {"fill", input.input_key, input.object.string(), input.output_key}));
  return {};
}

Expected<std::string> Storage::look(const std::string& kind, const Input& input) {
  const CommandResult result = LUMOS_TRY(ask(kind, {"check", input.output_key, input.result.string()}));
  if (result.exit_code == 0) return std::string();
  return std::format("{} holds under {}: {}", kind, input.output_key, result.errors);
}

nlohmann::ordered_json Storage::describe() const {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  if (!volume_.empty()) all["local"] = {{"folder", "tmpfs"}};
  for (const auto& [kind, server] : servers_) {
    all[kind] = server->describe();
    all[kind]["cores"] = config_.cores;
  }
  return all;
}

}  // namespace lumos
