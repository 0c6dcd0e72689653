#include "control/contract/conversation.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace lumos {

Conversation::Conversation(InstanceAddress to, Nanoseconds patience)
    : patience_(patience), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{patience.count() / 1'000'000'000, patience.count() % 1'000'000'000 / 1000};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(to.port));
  address.sin_addr.s_addr = htonl(to.ip);
  if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    trouble_ = std::string("not connected: ") + std::strerror(errno);
}

void Conversation::say(std::string_view bytes) {
  while (trouble_.empty() && !bytes.empty()) {
    const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Conversation::finish() { ::shutdown(fd_.get(), SHUT_WR); }

Heard Conversation::hear(std::size_t responses) {
  Heard heard{.trouble = trouble_};
  const std::int64_t deadline = monotonic_ns() + patience_.count();
  std::array<char, 65536> buffer;
  while (heard.trouble.empty() && !heard.closed && heard.responses.size() < responses) {
    const ssize_t n = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) heard.trouble = errno == EAGAIN ? "nothing came in time" : std::strerror(errno);
    if (n == 0) heard.closed = true;
    if (n == 0 && parser_.started()) heard.trouble = "the connection ended within a response";
    for (std::string_view left(buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0); !left.empty();) {
      const auto taken = parser_.feed(left);
      if (!taken) heard.trouble = "what came is no HTTP";
      if (!taken) break;
      left.remove_prefix(*taken);
      if (parser_.complete()) heard.responses.push_back(parser_.take());
    }
    if (heard.trouble.empty() && monotonic_ns() > deadline) heard.trouble = "it went on for too long";
  }
  return heard;
}

Heard ask(InstanceAddress to, std::string_view request, Nanoseconds patience) {
  Conversation conversation(to, patience);
  conversation.say(request);
  return conversation.hear(1);
}

}  // namespace lumos
