// A blocking client for tests of servers: sends any bytes, reads whole responses. It gives up after five seconds.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "http/message.h"

namespace lumos {

class HttpClient {
 public:
  explicit HttpClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;  // the other end has closed: what it said before is still to be read
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  /// The next response; nullopt when the connection ended or nothing came.
  std::optional<http::Message> response() {
    http::Parser parser(http::Parser::Kind::kResponse);
    for (;;) {
      const auto taken = parser.feed(left_);
      if (!taken) return std::nullopt;
      left_.erase(0, *taken);
      if (parser.complete()) return parser.take();
      if (read_more()) continue;
      if (!ended_ || !parser.started() || !parser.finish()) return std::nullopt;
      return parser.take();
    }
  }

  /// Whether the other end closes the connection and sends nothing before.
  bool closed() { return left_.empty() && !read_more() && ended_; }

  /// Goes away: in an orderly way, or by a reset.
  void leave(bool reset = false) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    if (reset) ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    fd_.reset();
  }

 private:
  bool read_more() {
    pollfd poll{fd_.get(), POLLIN, 0};
    if (::poll(&poll, 1, 5000) <= 0) return false;
    std::array<char, 65536> buffer;
    const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    ended_ = n <= 0;
    if (n > 0) left_.append(buffer.data(), static_cast<std::size_t>(n));
    return n > 0;
  }

  Fd fd_;
  std::string left_;
  bool ended_ = false;
};

}  // namespace lumos
