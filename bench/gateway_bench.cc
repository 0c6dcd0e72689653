// The gateway on its warm path, beside nginx's proxy_pass to the same server and beside that server asked directly:
// latency that each adds, with one connection; CPU of the proxying process per request, with 64. Interleaved. Then 1,000
// connections at once, round after round: one failed request ends the benchmark.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <ctime>
#include <fstream>
#include <thread>

#include "base/file.h"
#include "base/subprocess.h"
#include "bench/figures.h"
#include "control/gateway/gateway.h"
#include "control/load/load.h"
#include "host/process.h"
#include "record/wire.h"

using namespace lumos;
namespace fs = std::filesystem;

namespace {

constexpr int kConnections = 64, kMany = 1000, kRounds = 7;
constexpr Nanoseconds kWindow = std::chrono::seconds(1);
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLumos-Instance: bench-1\r\nContent-Length: 2\r\n\r\n{}";

std::pair<Fd, int> listener(std::uint32_t address) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in name{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(address)}};
  socklen_t size = sizeof name;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&name), size) != 0 || ::listen(fd.get(), 1024) != 0) std::abort();
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
  return {std::move(fd), ntohs(name.sin_port)};
}

// Stands for a function: answers every piece of input.
int serve(const Fd& listening) {
  const Fd epoll(::epoll_create1(0));
  const auto watch = [&](int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
  };
  watch(listening.get());
  std::array<epoll_event, 64> events;
  std::array<char, 4096> buffer;
  for (;;) {
    const int n = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listening.get()) {
        const int peer = ::accept(fd, nullptr, nullptr), on = 1;
        ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(peer);
      } else if (::recv(fd, buffer.data(), buffer.size(), 0) <= 0 ||
                 ::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) {
        ::close(fd);
      }
    }
  }
}

pid_t start(const std::function<int()>& body) {
  const auto pid = fork_process(0, [&] {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    return body();
  });
  if (!pid) std::abort();
  return *pid;
}

struct Proxy {
  std::string name;
  int port = 0;
  pid_t pid = 0;
  std::vector<double> latency{}, cpu{}, rate{};
};

// A launcher whose instances are all the one server, and a conductor that only reads.
int answer_gateway(const Channel& conductor, const Channel& launcher) {
  std::thread reader([&] {
    std::array<std::byte, 2048> buffer;
    while (conductor.receive_bytes(buffer.data(), buffer.size(), Nanoseconds(-1))) {
    }
  });
  for (;;) {
    const auto order = launcher.receive<wire::LaunchOrder>();
    if (!order) break;
    wire::LaunchEvent event{.instance = (*order)->instance, .address = INADDR_LOOPBACK};
    if ((*order)->action == wire::LaunchAction::kRemove) event.kind = wire::LaunchMessage::kRemoved;
    (void)launcher.send(event);
  }
  reader.join();
  return 0;
}

// The gateway, its two peers in one more process.
Proxy start_gateway(const std::string& name, int server, const Scaling& scaling, std::vector<pid_t>& pids) {
  auto [listening, port] = listener(INADDR_LOOPBACK);
  auto [conductor, its_conductor] = *Channel::pair();
  auto [launcher, its_launcher] = *Channel::pair();
  const GatewayConfig config{.deployments = {scaling}, .max_instances = kConnections, .instance_port = server};
  const pid_t pid = start([&, &listening = listening, &its_conductor = its_conductor, &its_launcher = its_launcher] {
    return run_gateway(config, std::move(listening), std::move(its_conductor), std::move(its_launcher));
  });
  pids.push_back(pid);
  pids.push_back(
      start([&, &conductor = conductor, &launcher = launcher] { return answer_gateway(conductor, launcher); }));
  return {.name = name, .port = port, .pid = pid};
}

Proxy start_nginx(const fs::path& folder, int server, std::vector<pid_t>& pids) {
  int port = 0;
  {
    port = listener(INADDR_LOOPBACK).second;
  }
  const std::string config = std::format(
      "daemon off; master_process off; pid {0}/pid; error_log {0}/error crit;\n"
      "events {{ worker_connections 4096; }}\n"
      "http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {0}; proxy_temp_path {0};\n"
      "fastcgi_temp_path {0}; uwsgi_temp_path {0}; scgi_temp_path {0};\n"
      "upstream function {{ server 127.0.0.1:{1}; keepalive 64; keepalive_requests 100000000; }}\n"
      "server {{ listen 127.0.0.1:{2}; location / {{ proxy_pass http://function; proxy_http_version 1.1;\n"
      "proxy_set_header Connection \"\"; }} }} }}\n",
      folder.string(), server, port);
  if (!write_file(folder / "nginx.conf", config)) std::abort();
  const std::string file = folder / "nginx.conf";
  const pid_t pid = start([&] {
    ::execlp("nginx", "nginx", "-c", file.c_str(), nullptr);
    return 127;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  if (::waitpid(pid, nullptr, WNOHANG) != 0) return {};
  pids.push_back(pid);
  return {.name = "nginx", .port = port, .pid = pid};
}

double cpu_us(pid_t pid) {
  clockid_t clock{};
  timespec t{};
  if (::clock_getcpuclockid(pid, &clock) != 0) return 0;
  ::clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

LoadResult load(int port, int connections) {
  LoadSpec spec{.target = *parse_target(std::format("http://127.0.0.1:{}/", port), false)};
  spec.request.bytes = http::format_request(
      "POST", "/", spec.target.host,
      {{"Content-Type", "application/json"}, {"Lumos-Deployment", "0"}, {"Lumos-Sample", "1"}}, "{}");
  spec.connections = connections;
  spec.duration = kWindow;
  std::optional<Expected<LoadResult>> result;
  std::jthread([&] { result = run_load(spec, {}); }).join();
  if (!*result) std::fprintf(stderr, "%s\n", result->error().message.c_str()), std::exit(3);
  if ((*result)->collected.errors() > 0) std::fprintf(stderr, "port %d: some requests failed\n", port), std::exit(1);
  return std::move(**result);
}

void measure(Proxy& proxy) {
  proxy.latency.push_back(*load(proxy.port, 1).latency_ms(0.5) * 1e3);
  const double before = cpu_us(proxy.pid);
  const LoadResult r = load(proxy.port, kConnections);
  proxy.cpu.push_back((cpu_us(proxy.pid) - before) / static_cast<double>(r.collected.ended()));
  proxy.rate.push_back(r.throughput_per_s());
}

double memory_kib(pid_t pid) {
  std::ifstream file(std::format("/proc/{}/statm", pid));
  double all = 0, resident = 0;
  file >> all >> resident;
  return resident * 4;
}

// The first round makes what a thousand connections need; no later one may add to it.
void measure_many(const Proxy& proxy) {
  std::vector<double> rate, memory;
  for (int round = 0; round <= kRounds; ++round) {
    const double throughput = load(proxy.port, kMany).throughput_per_s();
    if (round > 0) rate.push_back(throughput);
    memory.push_back(memory_kib(proxy.pid));
  }
  const std::vector<double> grown{memory.back() - memory.front()};
  bench::figure(proxy.name + ": requests, 1000 connections", rate, "/s", "no failure");
  bench::figure(proxy.name + ": memory, 1000 connections", memory, "KiB", "");
  bench::figure(proxy.name + ": memory, last round less the first", grown, "KiB", "flat");
}

std::vector<double> minus(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result;
  for (std::size_t i = 0; i < a.size(); ++i) result.push_back(a[i] - b[i]);
  return result;
}

void report(const Proxy& proxy, const Proxy& direct, bool ours) {
  bench::figure(proxy.name + ": added median latency, 1 connection", minus(proxy.latency, direct.latency), "µs",
                ours ? "≤ 60 µs" : "");
  bench::figure(proxy.name + ": CPU per request, 64 connections", proxy.cpu, "µs", "");
  bench::figure(proxy.name + ": requests, 64 connections", proxy.rate, "/s", "");
}

}  // namespace

int main() {
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &descriptors);
  const fs::path folder = fs::temp_directory_path() / std::format("lumos-gateway-bench-{}", ::getpid());
  fs::create_directory(folder);
  std::vector<pid_t> pids;
  auto [listening, port] = listener(INADDR_LOOPBACK);
  pids.push_back(start([&, &listening = listening] { return serve(listening); }));
  Proxy direct{.name = "directly", .port = port, .pid = pids.back()};
  std::vector<Proxy> proxies;
  proxies.push_back(
      start_gateway("gateway, one instance of 64", port, {.max_scale = 1, .container_concurrency = 64}, pids));
  proxies.push_back(start_gateway("gateway, 64 instances of 1", port, {}, pids));
  if (Proxy nginx = start_nginx(folder, port, pids); nginx.pid != 0)
    proxies.push_back(std::move(nginx));
  else
    std::printf("nginx is not installed: no ratio to it\n");
  for (int round = 0; round < kRounds; ++round) {
    measure(direct);
    for (Proxy& proxy : proxies) measure(proxy);
  }
  bench::figure("directly: median latency, 1 connection", direct.latency, "µs", "");
  for (const Proxy& proxy : proxies) report(proxy, direct, proxy.name != "nginx");
  if (proxies.size() == 3) {
    for (int i = 0; i < 2; ++i)
      bench::figure(proxies[static_cast<std::size_t>(i)].name + ": CPU to nginx's",
                    bench::ratios(proxies[static_cast<std::size_t>(i)].cpu, proxies[2].cpu), "", "≤ 1.5");
  }
  for (const Proxy& proxy : proxies) {
    if (proxy.name != "nginx") measure_many(proxy);
  }
  for (const pid_t pid : pids) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  fs::remove_all(folder);
  return 0;
}
