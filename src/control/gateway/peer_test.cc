#include "control/gateway/peer.h"

#include <gtest/gtest.h>

namespace lumos {
namespace {

struct Numbered {
  std::int64_t number = 0;
  std::array<std::byte, 1000> rest{};
};

// Nobody reads while they are sent: a channel that waited would wait for ever.
TEST(Peer, KeepsInOrderWhatTheChannelDoesNotTake) {
  constexpr std::int64_t kMessages = 2000;
  auto [ours, theirs] = *Channel::pair();
  http::EventLoop loop;
  Peer peer(loop, std::move(ours), [](const Channel&) {});
  for (std::int64_t i = 0; i < kMessages; ++i) peer.send(Numbered{.number = i});
  EXPECT_GT(peer.waiting(), 0U);
  std::int64_t next = 0;
  std::function<void()> read = [&, &theirs = theirs] {
    for (int i = 0; i < 50; ++i) {
      const auto message = theirs.receive<Numbered>(Nanoseconds(0));
      if (!message || !*message) break;
      EXPECT_EQ((*message)->number, next++);
    }
    if (next == kMessages) return loop.stop();
    loop.after(std::chrono::microseconds(100), read);
  };
  loop.after(std::chrono::microseconds(100), read);
  loop.run();
  EXPECT_EQ(next, kMessages);
  EXPECT_EQ(peer.waiting(), 0U);
}

TEST(Peer, StopsTheLoopWhenItIsGone) {
  auto [ours, theirs] = *Channel::pair();
  http::EventLoop loop;
  Peer peer(loop, std::move(ours), [&](const Channel& from) {
    if (!from.receive<Numbered>()) loop.stop();
  });
  theirs.close();
  peer.send(Numbered{});
  loop.run();
}

}  // namespace
}  // namespace lumos
