// The load generator against nginx (`return 200`), or where that is missing a small server, in a process of its own:
// CPU per request in a closed load of 64, beside a client that only sends and receives on as many connections (the
// kernel's floor) and, where it is installed, beside `wrk`; schedule error of open Poisson loads.
#include <netinet/tcp.h>
#include <sys/epoll.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <thread>

#include "base/subprocess.h"
#include "bench/figures.h"
#include "bench/peers.h"
#include "control/load/load.h"
#include "host/placement.h"

using namespace lumos;
using bench::Server;

namespace {

constexpr int kConnections = 64, kRounds = 5;
constexpr Nanoseconds kWindow = std::chrono::seconds(2);
constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

void go_to_first_core() { (void)bind_to_cores({allowed_cores().front()}); }

Server start_server() {
  const auto [listening, port] = bench::listen_on_loopback();
  const pid_t pid = bench::start([&listening] {
    go_to_first_core();
    return bench::serve(listening, kAnswer);
  });
  return {.port = port, .pid = pid};
}

double thread_cpu_us() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

/// CPU per request of a client that reads nothing of what it receives.
double floor_us(const Server& server, const std::string& request) {
  const Endpoint to = Endpoint::loopback(server.port);
  const Fd epoll(::epoll_create1(0));
  std::vector<Fd> connections;
  for (int i = 0; i < kConnections; ++i) {
    const int fd = connections.emplace_back(::socket(AF_INET, SOCK_STREAM, 0)).get(), on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to.address), to.size) != 0) std::abort();
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.fd = fd}};
    ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
    if (::send(fd, request.data(), request.size(), 0) < 0) std::abort();
  }
  std::array<epoll_event, 16> events;
  std::array<char, 65536> buffer;
  double requests = 0;
  const double before = thread_cpu_us();
  for (const std::int64_t end = monotonic_ns() + kWindow.count(); monotonic_ns() < end;) {
    const int n = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < n; ++i, ++requests) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (::recv(fd, buffer.data(), buffer.size(), 0) <= 0) std::abort();
      if (::send(fd, request.data(), request.size(), 0) < 0) std::abort();
    }
  }
  return (thread_cpu_us() - before) / requests;
}

std::optional<double> wrk_us(const Server& server) {
  SystemCommandRunner runner;
  const auto ran = runner.run({.argv = {"wrk", "-t1", "-c64", "-d2s", server.url()}});
  if (!ran || ran->exit_code != 0) return std::nullopt;
  const std::size_t at = ran->output.find(" requests in ");
  const std::size_t begin = ran->output.rfind(' ', at - 1);
  return std::chrono::duration<double, std::micro>(ran->cpu).count() / std::stod(ran->output.substr(begin + 1));
}

LoadSpec spec_for(const Server& server) {
  LoadSpec spec{.target = *parse_target(server.url(), false)};
  spec.request.bytes = http::format_request("GET", "/", spec.target.host, {}, "");
  spec.connections = kConnections;
  spec.duration = kWindow;
  return spec;
}

LoadResult run(const LoadSpec& spec) {
  std::optional<Expected<LoadResult>> result;
  std::jthread([&] { result = run_load(spec, {}); }).join();  // of its own: it keeps its core and priority
  if (!*result) std::fprintf(stderr, "%s\n", result->error().message.c_str()), std::exit(3);
  return std::move(**result);
}

void closed(const Server& server) {
  const LoadSpec spec = spec_for(server);
  std::vector<double> ours, floor, wrk, rate;
  for (int round = 0; round < kRounds; ++round) {
    floor.push_back(floor_us(server, spec.request.bytes));
    const LoadResult r = run(spec);
    ours.push_back(*r.cpu_us_per_request());
    rate.push_back(r.throughput_per_s());
    if (const auto peer = wrk_us(server)) wrk.push_back(*peer);
  }
  bench::figure("closed, 64 connections: CPU a request", ours, "µs", "");
  bench::figure("  a client that only sends and receives", floor, "µs", "");
  bench::figure("  ratio to that floor", bench::ratios(ours, floor), "", "");
  if (wrk.size() == ours.size()) {
    bench::figure("  wrk", wrk, "µs", "");
    bench::figure("  ratio to wrk", bench::ratios(ours, wrk), "", "≤ 1.1");
  } else {
    std::printf("  wrk is not installed: no ratio to it\n");
  }
  bench::figure("closed, 64 connections: throughput", rate, "/s", "");
}

void open(const Server& server, const char* rate, bool real_time) {
  LoadSpec spec = spec_for(server);
  spec.arrivals = *parse_arrivals("poisson", rate);
  spec.real_time = real_time;
  std::vector<double> p50, p99;
  bool had = real_time;
  for (int round = 0; round < kRounds; ++round) {
    const LoadResult r = run(spec);
    p50.push_back(*r.collected.schedule_error().quantile(0.5) / 1e3);
    p99.push_back(*r.collected.schedule_error().quantile(0.99) / 1e3);
    had = had && r.pacing.real_time;
  }
  const std::string what = std::format("Poisson {}/s{}: schedule error", rate, had ? ", real-time" : "");
  bench::figure(what + " p50", p50, "µs", "");
  bench::figure(what + " p99", p99, "µs", had ? "≤ 100 µs" : "");
}

}  // namespace

int main() {
  std::string folder = "/tmp/lumos-load-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 3;
  const auto nginx = bench::start_nginx(folder, "", "return 200 ok;", go_to_first_core);
  std::printf("server: %s\n",
              nginx ? "nginx, one worker, return 200" : "a small one of this program (nginx is not installed)");
  const Server server = nginx ? *nginx : start_server();
  closed(server);
  for (const char* rate : {"2000", "20000"}) {
    open(server, rate, true);
    open(server, rate, false);
  }
  bench::end(server.pid);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return 0;
}
