#include "control/environment/s3.h"

#include "control/environment/server_process.h"

namespace lumos {
namespace {

constexpr std::uint16_t kPort = 9000;
constexpr const char* kBucket = "lumos";

class S3Server final : public StorageServer {
 public:
  S3Server(ServerProcess process, std::string url, std::vector<std::string> keys)
      : process_(std::move(process)), url_(std::move(url)), keys_(std::move(keys)) {}

  std::vector<std::string> environment() const override {
    std::vector<std::string> all{"LUMOS_STORAGE=" + url_};
    all.insert(all.end(), keys_.begin(), keys_.end());
    return all;
  }
  nlohmann::ordered_json describe() const override { return {{"program", "s3-server (s3s-fs)"}, {"url", url_}}; }

 private:
  ServerProcess process_;
  std::string url_;
  std::vector<std::string> keys_;
};

}  // namespace

Expected<std::unique_ptr<StorageServer>> start_s3(const ServerSite& site, const std::filesystem::path& program) {
  const std::string address = std::format("{}:{}", format_address(site.place.address), kPort);
  const std::vector<std::string> keys{"AWS_ACCESS_KEY_ID=" + random_secret(20),
                                      "AWS_SECRET_ACCESS_KEY=" + random_secret(40)};
  auto process = LUMOS_TRY(ServerProcess::start(
      site, {.argv = {program.string(), address, site.folder.string(), kBucket}, .environment = keys, .port = kPort}));
  return std::make_unique<S3Server>(std::move(process), std::format("s3://{}/{}", address, kBucket), keys);
}

}  // namespace lumos
