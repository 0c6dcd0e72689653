// The grammar is that of the OCI Distribution Specification 1.1, "Pulling manifests": <name> and <reference>.
#include "workload/image_reference.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace lumos {
namespace {

constexpr std::size_t kLongestName = 255, kLongestTag = 128;
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool consists_of(std::string_view text, std::initializer_list<std::string_view> sets) {
  return std::ranges::all_of(
      text, [&](char c) { return std::ranges::any_of(sets, [&](std::string_view s) { return s.contains(c); }); });
}

// A word with something else than marks at both of its ends.
bool is_enclosed(std::string_view text, std::string_view marks) {
  return !text.empty() && !marks.contains(text.front()) && !marks.contains(text.back());
}

bool is_host(std::string_view host) {
  for (std::string_view rest = host;;) {
    const std::string_view label = rest.substr(0, rest.find('.'));
    if (!is_enclosed(label, "-") || !consists_of(label, {kDigits, kLetters, kCapitals, "-"})) return false;
    if (label.size() == rest.size()) return true;
    rest.remove_prefix(label.size() + 1);
  }
}

bool is_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port < 65536 && text[0] != '0';
}

// "shop_v1", "a.b", "a--b": between two words one dot, one or two underscores, or any number of dashes.
bool is_component(std::string_view text) {
  if (!is_enclosed(text, "._-") || !consists_of(text, {kDigits, kLetters, "._-"})) return false;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = text.find_first_of("._-", i);
    if (begin == std::string_view::npos) break;
    i = text.find_first_not_of("._-", begin);
    const std::string_view mark = text.substr(begin, i - begin);
    if (mark != "." && mark != "_" && mark != "__" && mark.find_first_not_of('-') != std::string_view::npos)
      return false;
  }
  return true;
}

bool is_name(std::string_view name) {
  for (std::string_view rest = name;;) {
    const std::string_view component = rest.substr(0, rest.find('/'));
    if (!is_component(component)) return false;
    if (component.size() == rest.size()) return true;
    rest.remove_prefix(component.size() + 1);
  }
}

bool is_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kLongestTag && !std::string_view(".-").contains(tag[0]) &&
         consists_of(tag, {kDigits, kLetters, kCapitals, "._-"});
}

bool is_digest(std::string_view digest) {
  constexpr std::string_view kBegin = "sha256:";
  return digest.starts_with(kBegin) && digest.size() == kBegin.size() + 64 &&
         consists_of(digest.substr(kBegin.size()), {kDigits, "abcdef"});
}

}  // namespace

std::string ImageReference::text() const { return registry + "/" + name + (digest.empty() ? ":" + tag : "@" + digest); }

bool ImageReference::is_local() const {
  const std::string host = registry.substr(0, registry.find(':'));
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24 == 127;
  return host == "localhost";
}

Expected<ImageReference> parse_image_reference(std::string_view text) {
  constexpr std::string_view kScheme = "docker://";
  const auto refused = [](std::string_view why) {
    return fail(ErrorCode::kUsage, "must be as registry.example/shop:v1: {}", why);
  };
  if (text.starts_with(kScheme)) text.remove_prefix(kScheme.size());
  const std::size_t slash = text.find('/');
  const std::string_view registry = text.substr(0, slash), host = registry.substr(0, registry.find(':'));
  if (slash == std::string_view::npos || (host == registry && host != "localhost" && !host.contains('.')))
    return refused("it begins with no registry (HOST or HOST:PORT, and none is assumed)");
  if (!is_host(host) || (host != registry && !is_port(registry.substr(host.size() + 1))))
    return refused(std::string("'") + std::string(registry) + "' is no HOST or HOST:PORT");
  ImageReference reference{.registry = std::string(registry), .name = {}, .tag = "latest", .digest = {}};
  std::string_view name = text.substr(slash + 1);
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    reference.digest = name.substr(at + 1);
    reference.tag.clear();
    name = name.substr(0, at);
    if (!is_digest(reference.digest)) return refused("behind the @ stands no digest (sha256: and 64 digits of 0-9a-f)");
    if (name.contains(':')) return refused("it has a tag and a digest; leave out one of them");
  } else if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
    reference.tag = name.substr(colon + 1);
    name = name.substr(0, colon);
    if (!is_tag(reference.tag)) return refused("'" + reference.tag + "' is no tag");
  }
  reference.name = name;
  if (!is_name(name) || reference.registry.size() + name.size() + 1 > kLongestName)
    return refused("'" + reference.name + "' is no name of an image (a-z, 0-9 and . _ - between them)");
  return reference;
}

}  // namespace lumos
