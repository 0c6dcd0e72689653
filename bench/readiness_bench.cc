// How late the gateway sees that an instance listens: a socket starts to listen at a random moment.
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <thread>

#include "base/random.h"
#include "bench/figures.h"
#include "control/gateway/instance_connection.h"

using namespace lumos;

namespace {

// A bound socket that does not listen yet, and its port: connections to it are refused.
std::pair<Fd, int> bound_socket() {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return {std::move(fd), ntohs(address.sin_port)};
}

double once_us(RandomStream& random) {
  auto [fd, port] = bound_socket();
  std::int64_t listened = 0, seen = 0;
  const auto wait = std::chrono::microseconds(5000 + random.below(5000));
  std::thread function([&, &fd = fd] {
    std::this_thread::sleep_for(wait);
    ::listen(fd.get(), 8);
    listened = monotonic_ns();
  });
  http::EventLoop loop;
  InstanceConnection connection(loop, INADDR_LOOPBACK, port);
  connection.open([&](std::int64_t ready) {
    seen = ready;
    loop.stop();
  });
  loop.run();
  function.join();
  return static_cast<double>(seen - listened) / 1e3;
}

}  // namespace

int main() {
  RandomStream random(1, "readiness");
  std::vector<double> medians, worst, polling;
  for (int round = 0; round < 5; ++round) {
    std::vector<double> late;
    rusage before{}, after{};
    ::getrusage(RUSAGE_SELF, &before);
    const std::int64_t began = monotonic_ns();
    for (int i = 0; i < 100; ++i) late.push_back(once_us(random));
    ::getrusage(RUSAGE_SELF, &after);
    const auto seconds = [](const rusage& u) {
      return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
             static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    };
    polling.push_back((seconds(after) - seconds(before)) / (static_cast<double>(monotonic_ns() - began) / 1e9) * 100);
    medians.push_back(bench::median(late));
    std::ranges::sort(late);
    worst.push_back(late[98]);
  }
  bench::figure("readiness seen after the function listens, median", medians, "µs", "≤ 1000 µs");
  bench::figure("readiness seen after the function listens, p99", worst, "µs", "≤ 1000 µs");
  bench::figure("CPU of waiting, on the gateway's core", polling, "%", "");
  return 0;
}
