// What a C++ function of Lumos includes: `int main() { return sdk::serve(function); }`. The contract is that of
// functions/README.md, for requests in JSON.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sdk/answer.h"
#include "sdk/digest.h"
#include "sdk/exchange.h"
#include "sdk/net.h"
#include "sdk/request.h"

namespace sdk {
namespace detail {

/// $LUMOS_INSTANCE, else $HOSTNAME, else random; at most 64 of [A-Za-z0-9._-], so that it cannot break out of its
/// header.
inline std::string instance_name() {
  for (const char* name : {"LUMOS_INSTANCE", "HOSTNAME"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    std::string text = std::string(value).substr(0, 64);
    for (char& c : text) c = std::string_view("._-").contains(c) || (is_token(c) && std::isalnum(c) != 0) ? c : '-';
    return text;
  }
  std::uint64_t random = 0;
  (void)::getentropy(&random, sizeof random);
  return "i-" + std::to_string(random);
}

/// Below the usual limit of 1,024 descriptors. More clients than this wait in the listener's queue.
inline constexpr std::size_t kMaxPeers = 1000;

/// One thread, every connection served as its requests complete, so that an idle client holds up nobody.
class Server {
 public:
  Server(int listener, Function function) : exchange_(std::move(function), instance_name()), fds_{listener} {}

  /// Serves until waiting or accepting fails for good.
  void run() {
    std::vector<Ready> ready;
    // After a failure to accept (no descriptor left), only the end of a connection can help: do not spin on the
    // listener.
    for (int failures = 0; failures < 100;) {
      const bool accepting = sessions_.empty() || (failures == 0 && sessions_.size() < kMaxPeers);
      if (!net_wait(fds_, accepting, ready)) return;
      // From the last, so that a removal moves only one that has had its turn.
      std::ranges::sort(ready, std::greater{}, &Ready::index);
      for (const auto [index, broken] : ready) {
        if (index == 0 && broken) return;
        if (index == 0) {
          failures = accept() ? 0 : failures + 1;
        } else if (broken || !serve(index)) {
          remove(index);
          failures = 0;
        }
      }
    }
  }

 private:
  bool accept() {
    const int fd = net_accept(fds_[0]);
    if (fd < 0) return false;
    fds_.push_back(fd);
    sessions_.emplace_back();
    return true;
  }

  void remove(std::size_t index) {
    net_close(fds_[index]);
    std::swap(fds_[index], fds_.back());
    std::swap(sessions_[index - 1], sessions_.back());
    fds_.pop_back();
    sessions_.pop_back();
  }

  // Receives once and answers what is complete. False: the connection is over.
  bool serve(std::size_t index) {
    const int fd = fds_[index];
    Session& session = sessions_[index - 1];
    const auto send = [fd](std::string_view head, std::string_view body) { return net_send_all(fd, head, body); };
    const std::ptrdiff_t n = net_recv(fd, buffer_.data(), buffer_.size());
    if (n == 0) session.ended(exchange_, send);
    if (n <= 0) return false;
    const Flow flow = session.received({buffer_.data(), static_cast<std::size_t>(n)}, exchange_, send);
    if (flow == Flow::kDrain) net_finish(fd);
    return flow != Flow::kClose;
  }

  Exchange exchange_;
  std::vector<int> fds_;  // the listener, then one for each session
  std::vector<Session> sessions_;
  std::vector<char> buffer_ = std::vector<char>(64 << 10);
};

}  // namespace detail

/// Serves `function` on $PORT (8080 when unset) until the process is killed. One invocation runs at a time. Returns the
/// exit code: 2, $PORT is no port; 1, it cannot be listened on.
inline int serve(Function function) {
  const char* text = std::getenv("PORT");
  const std::string_view digits = text == nullptr ? "8080" : text;
  std::uint16_t port = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (status != std::errc{} || end != digits.data() + digits.size() || port == 0) {
    std::fputs("function: PORT must be a number from 1 to 65535\n", stderr);
    return 2;
  }
  const int listener = net_listen(port);
  if (listener < 0) std::fprintf(stderr, "function: cannot listen on port %d\n", int{port});
  if (listener >= 0) detail::Server(listener, std::move(function)).run();
  return 1;
}

}  // namespace sdk
