#include "control/backend/command_adapter.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <csignal>
#include <thread>

#include "base/file.h"
#include "tests/support/temporary_folder.h"

namespace lumos {
namespace {

// Both of its sides are played here: the gateway by a socket, the command by its ends of the pipes.
class Adapted : public ::testing::Test {
 protected:
  Adapted() {
    ::signal(SIGPIPE, SIG_IGN);  // the launcher blocks it
    Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    sockaddr_un address{};  // a name that the kernel chooses
    address.sun_family = AF_UNIX;
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    gateway_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    EXPECT_EQ(::connect(gateway_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    adapter_ = std::move(*CommandAdapter::make(std::move(listener), log_.get(), [this] { return end_; }));
    input_ = Fd(::fcntl(adapter_->streams().input, F_DUPFD_CLOEXEC, 3));
    output_ = Fd(::fcntl(adapter_->streams().output, F_DUPFD_CLOEXEC, 3));
    adapter_->let_go();
  }

  void request(std::string_view body) {
    const std::string text = http::format_request("POST", "/", "instance", {}, body);
    ASSERT_EQ(::send(gateway_.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    adapter_->advance();
  }

  // What it can have of the input now; the end of it is "|".
  std::string read_input() {
    std::array<char, 4096> piece;
    const ssize_t n = ::read(input_.get(), piece.data(), piece.size());
    return n > 0 ? std::string(piece.data(), static_cast<std::size_t>(n)) : n == 0 ? "|" : "?";
  }

  void write_output(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::write(output_.get(), text.data(), std::min<std::size_t>(text.size(), 4096));
      if (n < 0) return;
      text.remove_prefix(static_cast<std::size_t>(n));
      adapter_->advance();
    }
  }

  void end_with(std::string reason) {
    end_ = std::move(reason);
    output_.reset();
    adapter_->advance();
  }

  std::optional<http::Message> answer() {
    http::Parser parser(http::Parser::Kind::kResponse);
    std::array<char, 65536> piece;
    while (!parser.complete()) {
      const ssize_t n = ::recv(gateway_.get(), piece.data(), piece.size(), 0);
      if (n <= 0) return std::nullopt;
      if (!parser.feed({piece.data(), static_cast<std::size_t>(n)})) return std::nullopt;
      adapter_->advance();
    }
    return parser.take();
  }

  // Which descriptors it waits for, and whether that is enough.
  std::size_t waited_for() const {
    std::vector<pollfd> waits;
    adapter_->add_waits(waits);
    return waits.size();
  }

  TemporaryFolder folder_;
  Fd log_{::open((folder_ / "log").c_str(), O_RDWR | O_CREAT | O_APPEND, 0600)};
  Fd gateway_, input_, output_;
  std::optional<CommandAdapter> adapter_;
  std::optional<std::string> end_;
};

TEST_F(Adapted, TheBodyIsTheInputAndTheOutputIsTheAnswer) {
  request(std::string("he\0llo", 6));
  EXPECT_EQ(read_input(), std::string("he\0llo", 6));
  EXPECT_EQ(read_input(), "|");
  write_output("HE");
  write_output("LLO");
  EXPECT_FALSE(answer().has_value()) << "it may write more";
  end_with("");
  const auto message = answer();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->status, 200);
  EXPECT_EQ(message->body, "HELLO");
  EXPECT_EQ(message->header("content-type"), "application/octet-stream");
  EXPECT_FALSE(message->keep_alive);
  EXPECT_EQ(waited_for(), 0U);
  EXPECT_EQ(read_tail(folder_ / "log", 100), "");
}

TEST_F(Adapted, ACommandThatReadsNothingMayEndBeforeItIsAsked) {
  write_output("hi");
  input_.reset();
  end_with("");
  EXPECT_FALSE(answer().has_value());
  request("nobody reads this");
  const auto message = answer();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->body, "hi");
}

TEST_F(Adapted, OneThatFailsIsABadGatewayAndTheLogSaysWhy) {
  request("");
  EXPECT_EQ(read_input(), "|");
  write_output("half an answer");
  end_with("the command ended with 3");
  const auto message = answer();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->status, 502);
  EXPECT_EQ(message->body, R"({"error":"the command ended with 3"})");
  EXPECT_EQ(read_tail(folder_ / "log", 100), "half an answer\nthe command ended with 3\n");
}

TEST_F(Adapted, AnOutputThatIsClosedEarlyIsNoEnd) {
  request("");
  output_.reset();
  adapter_->advance();
  EXPECT_TRUE(adapter_->waits_for_end());
  EXPECT_FALSE(answer().has_value());
  end_ = "";
  adapter_->advance();
  EXPECT_FALSE(adapter_->waits_for_end());
  EXPECT_EQ(answer().value_or(http::Message{}).status, 200);
}

TEST_F(Adapted, WhatIsLongPassesInBothDirectionsAtOnce) {
  end_ = "";
  std::thread command([&] {
    std::string all;
    for (std::string piece; (piece = read_input()) != "|";) {
      all += piece;
      if (::write(output_.get(), piece.data(), piece.size()) < 0) break;
    }
    output_.reset();
  });
  std::string body(3 << 20, 'x');
  body += "end";
  const std::string text = http::format_request("POST", "/", "instance", {}, body);
  http::Parser parser(http::Parser::Kind::kResponse);
  std::size_t sent = 0;
  while (!parser.complete()) {
    const ssize_t n = ::send(gateway_.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<std::size_t>(n);
    std::array<char, 65536> piece;
    const ssize_t got = ::recv(gateway_.get(), piece.data(), piece.size(), 0);
    if (got > 0) {
      ASSERT_TRUE(parser.feed({piece.data(), static_cast<std::size_t>(got)}).has_value());
    }
    std::vector<pollfd> waits;
    adapter_->add_waits(waits);
    ::poll(waits.data(), waits.size(), 1);
    adapter_->advance();
  }
  command.join();
  EXPECT_EQ(parser.take().body, body);
}

TEST_F(Adapted, TooMuchIsCutAndSaid) {
  request("");
  const std::string piece(1 << 20, 'x');
  for (std::size_t i = 0; i <= kMaxCommandOutput >> 20; ++i) write_output(piece);
  EXPECT_EQ(answer().value_or(http::Message{}).body, R"({"error":"the command wrote more than 64 MiB"})");
}

}  // namespace
}  // namespace lumos
