#include "control/environment/redis.h"

#include "control/environment/server_process.h"

namespace lumos {
namespace {

constexpr std::uint16_t kPort = 6379;

class RedisServer final : public StorageServer {
 public:
  RedisServer(ServerProcess process, std::uint32_t address, std::string password)
      : process_(std::move(process)), address_(address), password_(std::move(password)) {}

  std::vector<std::string> environment(std::uint32_t address) const override {
    return {"LUMOS_STORAGE=" + url(address), "LUMOS_REDIS_PASSWORD=" + password_};
  }
  nlohmann::ordered_json describe() const override { return {{"program", "redis-server"}, {"url", url(address_)}}; }

 private:
  static std::string url(std::uint32_t address) { return std::format("redis://{}:{}", format_address(address), kPort); }

  ServerProcess process_;
  std::uint32_t address_;
  std::string password_;
};

}  // namespace

Expected<std::unique_ptr<StorageServer>> start_redis(const ServerSite& site) {
  const std::string password = random_secret(32);
  // On every address of its namespace: links to it come later. On its standard input, where nobody else can read the
  // password. Nothing is written to a disk; what does not fit is refused, not evicted.
  const std::string settings = std::format(
      "bind 0.0.0.0\nport {}\nrequirepass {}\nsave \"\"\nappendonly no\nmaxmemory 1gb\nmaxmemory-policy noeviction\n"
      "daemonize no\nloglevel warning\n",
      kPort, password);
  auto process =
      LUMOS_TRY(ServerProcess::start(site, {.argv = {"redis-server", "-"}, .input = settings, .port = kPort}));
  return std::make_unique<RedisServer>(std::move(process), site.place.address, password);
}

}  // namespace lumos
