#include "control/load/connection.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <thread>

namespace lumos {
namespace {

// Accepts one connection on loopback, reads once, answers as told, closes.
class OneShotServer {
 public:
  explicit OneShotServer(std::string answer) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::jthread([this, answer = std::move(answer)] {
      const Fd peer(::accept(listener_.get(), nullptr, nullptr));
      std::array<char, 4096> buffer;
      (void)!::read(peer.get(), buffer.data(), buffer.size());
      (void)!::write(peer.get(), answer.data(), answer.size());
    });
  }
  int port = 0;

 private:
  Fd listener_;
  std::jthread thread_;
};

Exchange ask(int port, std::chrono::milliseconds patience = std::chrono::seconds(5)) {
  Connection connection(port);
  return connection.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n", monotonic_ns() + Nanoseconds(patience).count());
}

TEST(Connection, ReadsAWholeResponse) {
  OneShotServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nLumos-Digest: ab\r\n\r\nhi");
  const Exchange x = ask(server.port);
  EXPECT_EQ(x.outcome, Outcome::kOk);
  EXPECT_EQ(x.response.body, "hi");
  EXPECT_EQ(x.response.header("lumos-digest"), "ab");
  EXPECT_LE(x.sent, x.done);
}

TEST(Connection, TellsHalfAnswersGarbageAndRefusalsApart) {
  OneShotServer half("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi"), nothing(""), garbage("SSH-2.0-nope\r\n");
  EXPECT_EQ(ask(half.port).outcome, Outcome::kReset);
  EXPECT_EQ(ask(nothing.port).outcome, Outcome::kReset);
  EXPECT_EQ(ask(garbage.port).outcome, Outcome::kMalformed);
  EXPECT_EQ(ask(1).outcome, Outcome::kRefused);
}

TEST(Connection, GivesUpAtTheDeadline) {
  Fd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  EXPECT_EQ(ask(ntohs(address.sin_port), std::chrono::milliseconds(5)).outcome, Outcome::kTimeout);
}

}  // namespace
}  // namespace lumos
