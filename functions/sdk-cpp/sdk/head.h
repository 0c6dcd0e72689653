// One request head: where it goes and where its body ends. Everything that two servers could read in two ways is
// refused (request smuggling, RFC 9112 section 11.2). The statuses are those of functions/README.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace sdk {

inline constexpr std::size_t kMaxHead = 16 << 10, kMaxBody = 64 << 20;
inline constexpr int kMaxFields = 64;

/// What a request asks for.
enum class Route { kInvoke, kHealth, kNotAllowed, kNotFound, kUnknown };

/// A request that is refused before its body is looked at. Where the next one would begin is unknown, so the connection
/// ends.
struct Fault {
  int status = 400;
  const char* message = "malformed request head";
  Route route = Route::kUnknown;  // as far as it was understood
};

/// A head that was understood.
struct Head {
  Route route = Route::kUnknown;
  const char* allow = "";  // of kNotAllowed
  std::size_t head_bytes = 0, body_bytes = 0;
  bool keep_alive = true;
  bool expects_continue = false;
  bool wants_no_body = false;  // the method is HEAD
  bool http_1_0 = false;
};

namespace detail {

inline bool is_token(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").contains(c));
}
inline bool is_visible(char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; }
inline bool is_of_value(char c) { return c == ' ' || c == '\t' || is_visible(c); }

inline bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts off what comes before `mark` and the mark itself; all when there is none.
inline std::string_view cut(std::string_view& text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + mark.size());
  return part;
}

/// The fields of one head, read one after the other.
struct FieldReader {
  Head& head;
  std::optional<std::size_t> length;
  bool coded = false;

  std::expected<void, Fault> read(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return fault({});
    const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
    if (!std::ranges::all_of(name, is_token) || !std::ranges::all_of(value, is_of_value)) return fault({});
    if (same(name, "content-length")) return read_length(value);
    if (same(name, "transfer-encoding")) coded = true;
    if (same(name, "connection")) read_connection(value);
    if (same(name, "expect") && !head.http_1_0) {
      if (!same(value, "100-continue"))
        return fault({.status = 417, .message = "the only expectation that can be met is 100-continue"});
      head.expects_continue = true;
    }
    return {};
  }

  std::expected<void, Fault> end() {
    if (coded && length) return fault({.message = "both Content-Length and Transfer-Encoding"});
    if (coded) return fault({.status = 411, .message = "Transfer-Encoding is not supported: send a Content-Length"});
    head.body_bytes = length.value_or(0);
    if (head.body_bytes > kMaxBody) return fault({.status = 413, .message = "the body is larger than 64 MiB"});
    return {};
  }

 private:
  std::unexpected<Fault> fault(Fault f) const {
    f.route = head.route;
    return std::unexpected(f);
  }

  // Digits alone: no sign, no list, no hexadecimal. One beyond any limit saturates, and is then too large.
  std::expected<void, Fault> read_length(std::string_view digits) {
    if (digits.empty() || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
      return fault({.message = "Content-Length is not a number"});
    if (length) return fault({.message = "more than one Content-Length"});
    std::size_t sum = 0;
    for (const char c : digits) sum = std::min(sum * 10 + static_cast<std::size_t>(c - '0'), kMaxBody + 1);
    length = sum;
    return {};
  }

  void read_connection(std::string_view list) {
    while (!list.empty()) {
      const std::string_view option = trimmed(cut(list, ","));
      if (same(option, "keep-alive")) head.keep_alive = true;
      if (!same(option, "close")) continue;
      head.keep_alive = false;
      return;
    }
  }
};

inline void find_route(Head& head, std::string_view method, std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const bool root = path == "/";
  if (!root && path != "/healthz") {
    head.route = Route::kNotFound;
    return;
  }
  head.allow = root ? "POST" : "GET";
  head.route = method != head.allow ? Route::kNotAllowed : root ? Route::kInvoke : Route::kHealth;
}

inline bool read_request_line(Head& head, std::string_view line) {
  const std::string_view method = cut(line, " "), target = cut(line, " ");
  if (method.empty() || target.empty() || !std::ranges::all_of(method, is_token) ||
      !std::ranges::all_of(target, is_visible) || (line != "HTTP/1.1" && line != "HTTP/1.0"))
    return false;
  head.http_1_0 = line == "HTTP/1.0";
  head.keep_alive = !head.http_1_0;
  head.wants_no_body = method == "HEAD";
  find_route(head, method, target);
  return true;
}

}  // namespace detail

/// Reads the head at the start of `bytes`; nullopt while it is incomplete. The verdict does not depend on how the bytes
/// were split on their way.
inline std::expected<std::optional<Head>, Fault> parse_head(std::string_view bytes) {
  constexpr Fault kTooLarge{.status = 431,
                            .message = "the request head is larger than 16 KiB or has more than 64 fields"};
  constexpr Fault kLineEnd{.message = "a line of the request head does not end with CR LF"};
  std::string_view rest = bytes.substr(0, kMaxHead);
  while (rest.starts_with("\r\n")) rest.remove_prefix(2);  // empty lines before a request are passed over
  Head head;
  detail::FieldReader fields{.head = head, .length = {}};
  int lines = 0;
  // Line by line; what is wrong in one is said before the head is whole, and the same whether it is or not.
  for (;; ++lines) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      if (bytes.size() >= kMaxHead) return std::unexpected(kTooLarge);
      return std::nullopt;
    }
    if (end == 0 || rest[end - 1] != '\r') {
      Fault fault = kLineEnd;
      fault.route = head.route;
      return std::unexpected(fault);
    }
    const std::string_view line = rest.substr(0, end - 1);
    rest.remove_prefix(end + 1);
    if (lines > 0 && line.empty()) break;
    if (lines > kMaxFields) return std::unexpected(kTooLarge);
    if (lines == 0) {
      if (!detail::read_request_line(head, line)) return std::unexpected(Fault{});
    } else if (const auto read = fields.read(line); !read) {
      return std::unexpected(read.error());
    }
  }
  if (const auto end = fields.end(); !end) return std::unexpected(end.error());
  head.head_bytes = static_cast<std::size_t>(rest.data() - bytes.data());
  return head;
}

}  // namespace sdk
