#include "control/environment/s3.h"

#include "control/environment/server_process.h"

namespace lumos {
namespace {

constexpr std::uint16_t kPort = 9000;
constexpr const char* kBucket = "lumos";

class S3Server final : public StorageServer {
 public:
  S3Server(ServerProcess process, std::uint32_t address, std::vector<std::string> keys)
      : process_(std::move(process)), address_(address), keys_(std::move(keys)) {}

  std::vector<std::string> environment(std::uint32_t address) const override {
    std::vector<std::string> all{"LUMOS_STORAGE=" + url(address)};
    all.insert(all.end(), keys_.begin(), keys_.end());
    return all;
  }
  nlohmann::ordered_json describe() const override {
    return {{"program", "s3-server (s3s-fs)"}, {"url", url(address_)}};
  }

 private:
  static std::string url(std::uint32_t address) {
    return std::format("s3://{}:{}/{}", format_address(address), kPort, kBucket);
  }

  ServerProcess process_;
  std::uint32_t address_;
  std::vector<std::string> keys_;
};

}  // namespace

Expected<std::unique_ptr<StorageServer>> start_s3(const ServerSite& site, const std::filesystem::path& program) {
  const std::string everywhere = std::format("0.0.0.0:{}", kPort);  // of its namespace: links to it come later
  const std::vector<std::string> keys{"AWS_ACCESS_KEY_ID=" + random_secret(20),
                                      "AWS_SECRET_ACCESS_KEY=" + random_secret(40)};
  auto process = LUMOS_TRY(ServerProcess::start(
      site,
      {.argv = {program.string(), everywhere, site.folder.string(), kBucket}, .environment = keys, .port = kPort}));
  return std::make_unique<S3Server>(std::move(process), site.place.address, keys);
}

}  // namespace lumos
