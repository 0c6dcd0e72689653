// The load generator against nginx (`return 200`), or where that is missing a small server, in a process of its own:
// CPU per request in a closed load of 64, beside a client that only sends and receives on as many connections (the
// kernel's floor) and, where it is installed, beside `wrk`; schedule error of open Poisson loads.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <thread>

#include "base/file.h"
#include "base/subprocess.h"
#include "bench/figures.h"
#include "control/load/load.h"
#include "host/placement.h"
#include "host/process.h"

using namespace lumos;

namespace {

constexpr int kConnections = 64, kRounds = 5;
constexpr Nanoseconds kWindow = std::chrono::seconds(2);
constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

// Answers every piece of input: requests are small and come one at a time.
int serve(const Fd& listener) {
  const Fd epoll(::epoll_create1(0));
  const auto watch = [&](int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
  };
  watch(listener.get());
  std::array<epoll_event, 64> events;
  std::array<char, 4096> buffer;
  for (;;) {
    const int n = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener.get()) {
        watch(::accept(fd, nullptr, nullptr));
      } else if (::recv(fd, buffer.data(), buffer.size(), 0) <= 0) {
        ::close(fd);
      } else if (::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) {
        ::close(fd);
      }
    }
  }
}

struct Server {
  int port = 0;
  pid_t pid = 0;
  std::string url() const { return std::format("http://127.0.0.1:{}/", port); }
};

// One worker on the first core, in the foreground, with no files but its own.
std::optional<Server> start_nginx(const std::filesystem::path& folder) {
  SystemCommandRunner runner;
  if (const auto there = runner.run({.argv = {"nginx", "-v"}}); !there || there->exit_code != 0) return std::nullopt;
  Fd probe(::socket(AF_INET, SOCK_STREAM, 0));  // a port that is free now
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  if (::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
  ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size);
  probe.reset();
  const int port = ntohs(address.sin_port);
  const std::string dir = folder.string();
  std::string text = "daemon off; master_process off; error_log " + dir + "/error.log; pid " + dir + "/nginx.pid;\n";
  text += "events { worker_connections 4096; }\nhttp { access_log off; keepalive_requests 1000000000;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text += std::format("{}_temp_path {}/{};\n", kind, dir, kind);
  text += std::format("server {{ listen 127.0.0.1:{}; location / {{ return 200 ok; }} }} }}\n", port);
  if (!write_file(folder / "nginx.conf", text)) std::abort();
  const auto pid = fork_process(0, [&] {
    (void)bind_to_cores({allowed_cores().front()});
    const std::string file = dir + "/nginx.conf";
    ::execlp("nginx", "nginx", "-p", dir.c_str(), "-c", file.c_str(), nullptr);
    return 127;
  });
  for (int i = 0; i < 500; ++i) {
    const Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      return Server{.port = port, .pid = *pid};
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ::kill(*pid, SIGKILL);
  ::waitpid(*pid, nullptr, 0);
  return std::nullopt;
}

Server start_server() {
  Fd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener.get(), 1024) != 0)
    std::abort();
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const auto pid = fork_process(0, [&] {
    (void)bind_to_cores({allowed_cores().front()});
    return serve(listener);
  });
  return {.port = ntohs(address.sin_port), .pid = *pid};
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
  const auto nginx = start_nginx(folder);
  std::printf("server: %s\n",
              nginx ? "nginx, one worker, return 200" : "a small one of this program (nginx is not installed)");
  const Server server = nginx ? *nginx : start_server();
  closed(server);
  for (const char* rate : {"2000", "20000"}) {
    open(server, rate, true);
    open(server, rate, false);
  }
  ::kill(server.pid, SIGKILL);
  ::waitpid(server.pid, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return 0;
}
