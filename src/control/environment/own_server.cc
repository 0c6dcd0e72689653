#include "control/environment/own_server.h"

#include <cstdlib>
#include <format>

#include "control/environment/relay.h"
#include "control/environment/server_process.h"

namespace lumos {
namespace {

class OwnServer final : public StorageServer {
 public:
  OwnServer(ServerProcess process, std::string url, ServerUrl server, std::vector<std::string> credentials)
      : process_(std::move(process)),
        url_(std::move(url)),
        server_(std::move(server)),
        credentials_(std::move(credentials)) {}

  // The relay's, which passes on what comes to any address of its place.
  std::vector<std::string> environment(std::uint32_t address) const override {
    const std::string at = std::format("{}:{}", format_address(address), server_.port);
    std::vector<std::string> all = credentials_;
    const bool s3 = !server_.bucket.empty();
    all.push_back("LUMOS_STORAGE=" + (s3 ? std::format("s3://{}/{}", at, server_.bucket) : "redis://" + at));
    return all;
  }
  nlohmann::ordered_json describe() const override { return {{"program", "the user's"}, {"url", url_}}; }

 private:
  ServerProcess process_;
  std::string url_;
  ServerUrl server_;
  std::vector<std::string> credentials_;
};

// "NAME=value" of those that are set.
std::vector<std::string> credentials(std::initializer_list<const char*> names) {
  std::vector<std::string> all;
  for (const char* name : names) {
    if (const char* value = std::getenv(name)) all.push_back(std::format("{}={}", name, value));
  }
  return all;
}

}  // namespace

Expected<std::unique_ptr<StorageServer>> start_own_server(const std::string& kind, const ServerSite& site,
                                                          const std::string& url, int outside) {
  const ServerUrl server = LUMOS_TRY(parse_server_url(kind, url));
  const bool s3 = kind == "s3";
  std::vector<std::string> keys = s3 ? credentials({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"})
                                     : credentials({"LUMOS_REDIS_PASSWORD"});
  if (s3 && (std::getenv("AWS_ACCESS_KEY_ID") == nullptr || std::getenv("AWS_SECRET_ACCESS_KEY") == nullptr)) {
    return fail(ErrorCode::kEnvironment,
                "{}: its keys are missing; next: export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…", url);
  }
  auto process = ServerProcess::start(
      site, {.argv = {url}, .port = server.port, .serve = [=] { return relay(server.port, outside, server); }});
  if (!process) return std::unexpected(process.error());
  return std::make_unique<OwnServer>(*std::move(process), url, server, std::move(keys));
}

}  // namespace lumos
