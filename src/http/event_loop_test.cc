#include "http/event_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>

#include <algorithm>
#include <vector>

#include "base/channel.h"

namespace lumos::http {
namespace {

TEST(EventLoop, CallsHandlersAndTimersInOrder) {
  EventLoop loop;
  auto [a, b] = *Channel::pair();
  std::vector<int> seen;
  loop.watch(b.fd(), EPOLLIN, [&, &b = b](std::uint32_t) {
    seen.push_back(**b.receive<int>());
    loop.forget(b.fd());
  });
  loop.after(std::chrono::milliseconds(2), [&] { seen.push_back(2); });
  loop.after(std::chrono::milliseconds(1), [&] { seen.push_back(1); });
  const auto never = loop.after(std::chrono::milliseconds(3), [&] { seen.push_back(99); });
  loop.cancel(never);
  loop.after(std::chrono::milliseconds(5), [&] { loop.stop(); });
  ASSERT_TRUE(a.send(7).has_value());
  loop.run();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_LT(std::ranges::find(seen, 1), std::ranges::find(seen, 2));
  EXPECT_NE(std::ranges::find(seen, 7), seen.end());
}

TEST(EventLoop, AHandlerForgottenInTheSameBatchIsNotCalled) {
  EventLoop loop;
  auto [a, b] = *Channel::pair();
  auto [c, d] = *Channel::pair();
  int calls = 0;
  const auto once = [&, &b = b, &d = d](std::uint32_t) {
    ++calls;
    loop.forget(b.fd());
    loop.forget(d.fd());
  };
  loop.watch(b.fd(), EPOLLIN, once);
  loop.watch(d.fd(), EPOLLIN, once);
  ASSERT_TRUE(a.send(1).has_value());
  ASSERT_TRUE(c.send(1).has_value());
  loop.after(std::chrono::milliseconds(5), [&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace lumos::http
