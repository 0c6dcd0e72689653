#include "control/environment/relay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <thread>

#include "base/fd.h"

namespace lumos {
namespace {

constexpr std::string_view kRefusal = "-WRONGPASS\r\n";

Fd tcp_socket() { return Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

sockaddr_in loopback(std::uint16_t port) {
  return {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
}

/// Binds to a free port of loopback.
std::uint16_t bind_free(const Fd& fd) {
  sockaddr_in name = loopback(0);
  socklen_t size = sizeof name;
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.sin_port);
}

std::uint16_t free_port() { return bind_free(tcp_socket()); }

bool connect_to(const Fd& fd, std::uint16_t port) {
  const sockaddr_in to = loopback(port);
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

std::string all_of(const Fd& fd) {
  std::string text;
  char buffer[256];
  for (ssize_t n; (n = ::recv(fd.get(), buffer, sizeof buffer, 0)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

// As Redis does with who is not let in: it answers the first words of a request and closes, the rest unread.
void refuse_each(const Fd& listener) {
  for (;;) {
    const Fd peer(::accept(listener.get(), nullptr, nullptr));
    if (!peer) return;
    char byte = 0;
    if (::recv(peer.get(), &byte, 1, 0) == 1) (void)::send(peer.get(), kRefusal.data(), kRefusal.size(), MSG_NOSIGNAL);
  }
}

// Needs root: it enters the network namespace that it is given, here the one that it is in.
pid_t begin_relay(std::uint16_t port, std::uint16_t server) {
  const pid_t child = ::fork();
  EXPECT_GE(child, 0);
  if (child != 0) return child;
  const Fd outside(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  ::_exit(relay(port, outside.get(), {.host = "127.0.0.1", .port = server}));
}

TEST(Relay, DoesNotListenBeforeTheServerAnswers) {
  const Fd listener = tcp_socket(), first = tcp_socket();
  const std::uint16_t server = bind_free(listener), port = free_port();
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  ASSERT_TRUE(connect_to(first, server));  // whoever comes next has to wait
  const pid_t child = begin_relay(port, server);
  for (int i = 0; i < 50 && !HasFailure(); ++i, ::usleep(2000)) {
    const Fd client = tcp_socket();
    // Bound first: the kernel might choose `port`, and the client would find itself.
    EXPECT_FALSE(bind_free(client) != port && connect_to(client, port)) << "try " << i;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST(Relay, EndsWhereNoServerIs) {
  int status = 0;
  ::waitpid(begin_relay(free_port(), free_port()), &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST(Relay, PassesOnTheAnswerOfAServerThatDoesNotHearTheClientOut) {
  const Fd listener = tcp_socket();
  const std::uint16_t server = bind_free(listener), port = free_port();
  ASSERT_EQ(::listen(listener.get(), 16), 0);
  const pid_t child = begin_relay(port, server);
  std::thread refusing([&] { refuse_each(listener); });

  const std::string piece(500, 'x');
  int tries = 0;
  while (!connect_to(tcp_socket(), port) && ++tries < 1000) ::usleep(5000);  // until it listens
  for (int round = 0; round < 200 && !HasFailure(); ++round) {
    const Fd client = tcp_socket();
    EXPECT_TRUE(connect_to(client, port));
    for (int i = 0; i < 100; ++i) (void)::send(client.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    EXPECT_EQ(all_of(client), kRefusal) << "round " << round;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::shutdown(listener.get(), SHUT_RDWR);
  refusing.join();
}

}  // namespace
}  // namespace lumos
