#include "control/load/target.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "workload/yaml_text.h"

namespace lumos {
namespace {

struct Parts {
  std::string host, port, path;
};

std::unexpected<Error> bad_url(const std::string& url, const char* why) {
  return fail(ErrorCode::kUsage, "'{}' {}; a URL is http://HOST[:PORT][/PATH], such as http://127.0.0.1:8080/",
              shown(url, 200), why);
}

Expected<Parts> split(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (url.starts_with("https://")) return bad_url(url, "asks for TLS, which load does not speak");
  if (!url.starts_with(kScheme)) return bad_url(url, "does not begin with http://");
  if (std::ranges::any_of(url, [](unsigned char c) { return c <= ' ' || c >= 0x7f; }))
    return bad_url(url, "has characters that must be written as %XX");
  const std::string rest = url.substr(kScheme.size());
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string authority = rest.substr(0, end);
  Parts parts{.path = rest.substr(end)};
  if (authority.contains('@')) return bad_url(url, "has a user name in it");
  if (parts.path.contains('#')) return bad_url(url, "has a fragment, which is never sent");
  if (!parts.path.starts_with('/')) parts.path.insert(0, "/");
  // [::1]:80 has colons of its own.
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : std::string::npos;
  const std::size_t colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  parts.host = authority.substr(0, colon);
  parts.port = colon == std::string::npos ? "80" : authority.substr(colon + 1);
  int port = 0;
  const auto [last, status] = std::from_chars(parts.port.data(), parts.port.data() + parts.port.size(), port);
  if (status != std::errc{} || last != parts.port.data() + parts.port.size() || port < 1 || port > 65535)
    return bad_url(url, "has no port from 1 to 65535");
  if (parts.host.starts_with('[') && parts.host.ends_with(']'))
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  if (parts.host.empty()) return bad_url(url, "has no host");
  return parts;
}

bool is_loopback(const Endpoint& endpoint) {
  if (endpoint.address.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(endpoint.address);
    return (ntohl(address.sin_addr.s_addr) >> 24) == 127;
  }
  const auto& address = reinterpret_cast<const sockaddr_in6&>(endpoint.address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return address.s6_addr[12] == 127;
  return IN6_IS_ADDR_LOOPBACK(&address);
}

Expected<Endpoint> resolve(const Parts& parts, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &found);
  if (status != 0) return fail(ErrorCode::kEnvironment, "host '{}': {}", parts.host, ::gai_strerror(status));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
  Endpoint endpoint{.size = found->ai_addrlen};
  std::copy_n(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen,
              reinterpret_cast<char*>(&endpoint.address));
  return endpoint;
}

}  // namespace

Expected<Target> parse_target(const std::string& url, bool allow_remote) {
  Parts parts = LUMOS_TRY(split(url));
  Target target{.url = url, .host = url.substr(7, url.find_first_of("/?", 7) - 7), .path = parts.path};
  if (parts.host == "localhost") parts.host = "127.0.0.1";
  const auto numeric = resolve(parts, AI_NUMERICHOST);
  if (!allow_remote && (!numeric || !is_loopback(*numeric))) {
    return fail(ErrorCode::kUsage,
                "{} is not this machine: a load goes to loopback addresses only. If '{}' is yours to load, say so with "
                "--allow-remote",
                url, parts.host);
  }
  target.endpoint = numeric ? *numeric : LUMOS_TRY(resolve(parts, 0));
  return target;
}

}  // namespace lumos
