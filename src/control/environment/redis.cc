#include "control/environment/redis.h"

#include "control/environment/server_process.h"

namespace lumos {
namespace {

constexpr std::uint16_t kPort = 6379;

class RedisServer final : public StorageServer {
 public:
  RedisServer(ServerProcess process, std::string url, std::string password)
      : process_(std::move(process)), url_(std::move(url)), password_(std::move(password)) {}

  std::vector<std::string> environment() const override {
    return {"LUMOS_STORAGE=" + url_, "LUMOS_REDIS_PASSWORD=" + password_};
  }
  nlohmann::ordered_json describe() const override { return {{"program", "redis-server"}, {"url", url_}}; }

 private:
  ServerProcess process_;
  std::string url_, password_;
};

}  // namespace

Expected<std::unique_ptr<StorageServer>> start_redis(const ServerSite& site) {
  const std::string address = format_address(site.place.address), password = random_secret(32);
  // On its standard input, where nobody else can read the password. Nothing is written to a disk; what does not fit is
  // refused, not evicted.
  const std::string settings = std::format(
      "bind {}\nport {}\nrequirepass {}\nsave \"\"\nappendonly no\nmaxmemory 1gb\nmaxmemory-policy noeviction\n"
      "daemonize no\nloglevel warning\n",
      address, kPort, password);
  auto process =
      LUMOS_TRY(ServerProcess::start(site, {.argv = {"redis-server", "-"}, .input = settings, .port = kPort}));
  return std::make_unique<RedisServer>(std::move(process), std::format("redis://{}:{}", address, kPort), password);
}

}  // namespace lumos
