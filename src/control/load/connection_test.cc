#include "control/load/connection.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "tests/support/fake_instance.h"

namespace lumos {
namespace {

const std::string kRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::int64_t kPatience = 5'000'000'000;

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
  Connection connection(Endpoint::loopback(port));
  return exchange(connection, kRequest, monotonic_ns() + Nanoseconds(patience).count());
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

TEST(Connection, IsKeptAndConnectsAnewWhenTheServerHasClosedIt) {
  int requests = 0;
  FakeInstance server(1, 0, [&](const http::Message&) { return InstanceAnswer{ok_answer().bytes, ++requests == 2}; });
  server.listen();
  Connection connection(Endpoint::loopback(server.port()));
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(exchange(connection, kRequest, monotonic_ns() + kPatience).outcome, Outcome::kOk);
  pollfd closed{connection.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&closed, 1, 5000), 1);
  EXPECT_FALSE(connection.advance());  // notices
  EXPECT_EQ(connection.fd(), -1);
  EXPECT_EQ(exchange(connection, kRequest, monotonic_ns() + kPatience).outcome, Outcome::kOk);
  EXPECT_TRUE(server.wait_for_connections(2));
}

TEST(Connection, SendsALargeRequestInPieces) {
  FakeInstance server(1, 0, [](const http::Message& m) { return ok_answer(std::to_string(m.body.size())); });
  server.listen();
  Connection connection(Endpoint::loopback(server.port()));
  const std::string request = http::format_request("POST", "/", "x", {}, std::string(8 << 20, 'x'));
  const Exchange& x = exchange(connection, request, monotonic_ns() + kPatience);
  EXPECT_EQ(x.outcome, Outcome::kOk);
  EXPECT_EQ(x.response.body, std::to_string(8 << 20));
}

TEST(Connection, TwoAnswersToOneRequestAreNoHttp) {
  FakeInstance server(1, 0, [](const http::Message&) { return InstanceAnswer{ok_answer().bytes + ok_answer().bytes}; });
  server.listen();
  Connection connection(Endpoint::loopback(server.port()));
  EXPECT_EQ(exchange(connection, kRequest, monotonic_ns() + kPatience).outcome, Outcome::kMalformed);
}

TEST(Connection, WithoutADescriptorSaysSo) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = before;
  none.rlim_cur = 0;
  ::setrlimit(RLIMIT_NOFILE, &none);
  const Outcome outcome = ask(1).outcome;
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(outcome, Outcome::kNoSocket);
}

}  // namespace
}  // namespace lumos
