// An instance of a function for tests of what talks to one: a small blocking HTTP server with a script.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "http/message.h"

namespace lumos {

/// What an instance sends for a request, and whether it closes the connection then. Nothing sent, kept open: it hangs.
struct InstanceAnswer {
  std::string bytes;
  bool close = false;
};

inline InstanceAnswer ok_answer(const std::string& body = "{}") { return {http::format_response(200, body)}; }

/// Listens on 127.0.0.`last_byte`; `port` 0 takes a free one. Each connection is served by a thread of its own,
/// or with `kOneAfterTheOther` when the one before it has ended.
class FakeInstance {
 public:
  enum class Serving { kAtOnce, kOneAfterTheOther };
  using Script = std::function<InstanceAnswer(const http::Message& request)>;

  FakeInstance(
      int last_byte, int port, Script script = [](const http::Message&) { return ok_answer(); },
      Serving serving = Serving::kAtOnce)
      : script_(std::move(script)),
        serving_(serving),
        address_((127U << 24) | static_cast<unsigned>(last_byte)),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<std::uint16_t>(port));
    name.sin_addr.s_addr = htonl(address_);
    socklen_t size = sizeof name;
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&name), size), 0) << std::strerror(errno);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
  }
  ~FakeInstance() { stop(); }
  FakeInstance(const FakeInstance&) = delete;
  FakeInstance& operator=(const FakeInstance&) = delete;

  std::uint32_t address() const { return address_; }
  int port() const { return port_; }

  /// Until then its port refuses connections.
  FakeInstance& listen() {
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    thread_ = std::thread([this] { serve(); });
    return *this;
  }

  /// Ends it, open connections included: its port refuses connections again.
  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
      ::shutdown(listener_.get(), SHUT_RDWR);
      for (const auto& peer : peers_) {
        if (*peer) ::shutdown(peer->get(), SHUT_RDWR);
      }
    }
    if (thread_.joinable()) thread_.join();
    for (auto& thread : conversations_) {
      if (thread.joinable()) thread.join();
    }
    conversations_.clear();
  }

  /// Waits until so many connections were accepted, at most five seconds.
  bool wait_for_connections(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(5), [&] { return connections_ >= count; });
  }
  /// Waits until so many whole requests have come, at most five seconds.
  bool wait_for_requests(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(5), [&] { return requests_.size() >= count; });
  }
  std::vector<http::Message> requests() {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (;;) {
      Fd peer(::accept(listener_.get(), nullptr, nullptr));
      {
        const std::scoped_lock lock(mutex_);
        if (!peer || stopped_) return;
        peers_.push_back(std::make_unique<Fd>(std::move(peer)));
        ++connections_;
        conversations_.emplace_back([this, its = peers_.back().get()] {
          converse(its->get());
          const std::scoped_lock end(mutex_);
          its->reset();
        });
      }
      changed_.notify_all();
      if (serving_ == Serving::kOneAfterTheOther) conversations_.back().join();
    }
  }

  void converse(int connection) {
    http::Parser parser(http::Parser::Kind::kRequest);
    std::array<char, 65536> buffer;
    for (;;) {
      const ssize_t n = ::recv(connection, buffer.data(), buffer.size(), 0);
      if (n <= 0) return;
      const auto taken = parser.feed({buffer.data(), static_cast<std::size_t>(n)});
      if (!taken) return;
      if (!parser.complete()) continue;
      const http::Message request = parser.take();
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(request);
      }
      changed_.notify_all();
      const InstanceAnswer answer = script_(request);
      for (std::string_view left = answer.bytes; !left.empty();) {
        const ssize_t sent = ::send(connection, left.data(), left.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        left.remove_prefix(static_cast<std::size_t>(sent));
      }
      if (answer.close) return;
    }
  }

  const Script script_;
  const Serving serving_;
  const std::uint32_t address_;
  int port_ = 0;
  Fd listener_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Fd>> peers_;
  std::vector<std::thread> conversations_;
  bool stopped_ = false;
  int connections_ = 0;
  std::vector<http::Message> requests_;
  std::thread thread_;
};

}  // namespace lumos
