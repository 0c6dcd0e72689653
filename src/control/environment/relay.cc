#include "control/environment/relay.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <thread>

#include "base/fd.h"

namespace lumos {
namespace {

int give_up(const ServerUrl& server, const char* why) {
  std::fprintf(stderr, "%s:%d: %s\n", server.host.c_str(), server.port, why);
  return 1;
}

Fd bound_to(std::uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in any{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_ANY)}};
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) return {};
  return fd;
}

void send_at_once(const Fd& fd) {
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Fd connect_to(const sockaddr_in& to) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
  send_at_once(fd);
  return fd;
}

// One direction of a connection; its end is passed on too. Where nobody takes more of it, the other direction may still
// have an answer under way.
void pump(int from, int to) {
  std::array<char, 64 << 10> buffer;
  for (ssize_t n; (n = ::recv(from, buffer.data(), buffer.size(), 0)) > 0;) {
    for (ssize_t sent = 0, k = 0; sent < n; sent += k) {
      k = ::send(to, buffer.data() + sent, static_cast<std::size_t>(n - sent), MSG_NOSIGNAL);
      if (k < 0) {
        ::shutdown(from, SHUT_RD);
        return;
      }
    }
  }
  ::shutdown(to, SHUT_WR);
}

// A connection whose server cannot be reached is closed: the function sees what it would have seen.
void pass_on(Fd client, const sockaddr_in& to) {
  send_at_once(client);
  const Fd server = connect_to(to);
  if (!server) return;
  std::thread back([&] { pump(server.get(), client.get()); });
  pump(client.get(), server.get());
  back.join();
}

}  // namespace

int relay(std::uint16_t port, int outside, const ServerUrl& server) {
  const Fd listener = bound_to(port);
  if (!listener || ::setns(outside, CLONE_NEWNET) != 0) return give_up(server, std::strerror(errno));
  const addrinfo hints{.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found);
  if (status != 0) return give_up(server, ::gai_strerror(status));
  sockaddr_in to{};
  std::memcpy(&to, found->ai_addr, sizeof to);
  ::freeaddrinfo(found);
  // It listens only when the server was seen: whoever waits for that takes it for the server.
  if (!connect_to(to) || ::listen(listener.get(), 512) != 0) return give_up(server, std::strerror(errno));
  for (;;) {
    Fd client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client)
      std::thread(pass_on, std::move(client), to).detach();
    else if (errno == EMFILE || errno == ENFILE)
      ::usleep(1000);
  }
}

}  // namespace lumos
