#include "record/server_url.h"

#include <algorithm>
#include <charconv>

namespace lumos {
namespace {

// What a kind of server is called, and where it listens unless the URL says.
struct Form {
  std::string_view scheme, example;
  std::uint16_t port = 0;
  bool bucket = false;
};

constexpr Form kRedis{.scheme = "redis://", .example = "redis://10.0.0.5:6379", .port = 6379};
constexpr Form kS3{.scheme = "http://", .example = "http://10.0.0.5:9000/BUCKET", .port = 80, .bucket = true};

bool is_name(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
  return !text.empty() && text.size() <= 253 && text.find_first_not_of(kLetters) == std::string_view::npos;
}

}  // namespace

Expected<ServerUrl> parse_server_url(std::string_view kind, std::string_view url) {
  const Form& form = kind == "s3" ? kS3 : kRedis;
  const auto refused = [&] {
    return fail(ErrorCode::kUsage, "must be as {}, not '{}'", form.example, std::string(url.substr(0, 200)));
  };
  if (url.starts_with("https://") || url.starts_with("rediss://"))
    return fail(ErrorCode::kUsage, "must be as {}: functions have no TLS", form.example);
  if (url.contains('@')) {
    return fail(ErrorCode::kUsage, "must be as {}: no name and no password in it, they are taken from {}", form.example,
                form.bucket ? "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" : "LUMOS_REDIS_PASSWORD");
  }
  if (!url.starts_with(form.scheme)) return refused();
  url.remove_prefix(form.scheme.size());
  ServerUrl server{.port = form.port};
  const std::string_view authority = url.substr(0, url.find('/'));
  const std::string_view path = url.substr(std::min(authority.size() + 1, url.size()));
  const auto colon = authority.find(':');
  server.host = authority.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), server.port);
    if (error != std::errc() || end != port.data() + port.size() || server.port == 0) return refused();
  }
  if (!is_name(server.host) || (form.bucket ? !is_name(path) : !path.empty())) return refused();
  server.bucket = path;
  return server;
}

}  // namespace lumos
