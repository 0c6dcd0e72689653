// The gateway on its warm path, beside nginx's proxy_pass to the same server and beside that server asked directly:
// latency that each adds, with one connection; CPU of the proxying process per request, with 64. Interleaved. Then
// 1,000 connections at once, round after round: one failed request ends the benchmark.
#include <sys/resource.h>

#include <array>
#include <ctime>
#include <thread>

#include "bench/figures.h"
#include "bench/peers.h"
#include "control/gateway/gateway.h"
#include "control/load/load.h"
#include "record/wire.h"

using namespace lumos;
namespace fs = std::filesystem;

namespace {

constexpr int kConnections = 64, kMany = 1000, kRounds = 7;
constexpr Nanoseconds kWindow = std::chrono::seconds(1);
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLumos-Instance: bench-1\r\nContent-Length: 2\r\n\r\n{}";

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
  auto [listening, port] = bench::listen_on_loopback();
  auto [conductor, its_conductor] = *Channel::pair();
  auto [launcher, its_launcher] = *Channel::pair();
  const GatewayConfig config{.deployments = {scaling}, .max_instances = kConnections, .instance_port = server};
  const pid_t pid =
      bench::start([&, &listening = listening, &its_conductor = its_conductor, &its_launcher = its_launcher] {
        return run_gateway(config, std::move(listening), std::move(its_conductor), std::move(its_launcher));
      });
  pids.push_back(pid);
  pids.push_back(
      bench::start([&, &conductor = conductor, &launcher = launcher] { return answer_gateway(conductor, launcher); }));
  return {.name = name, .port = port, .pid = pid};
}

std::optional<Proxy> start_nginx(const fs::path& folder, int server) {
  const auto nginx = bench::start_nginx(
      folder,
      std::format("upstream function {{ server 127.0.0.1:{}; keepalive 64; keepalive_requests 100000000; }}", server),
      "proxy_pass http://function; proxy_http_version 1.1; proxy_set_header Connection \"\";");
  if (!nginx) return std::nullopt;
  return Proxy{.name = "nginx", .port = nginx->port, .pid = nginx->pid};
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

// The first round makes what a thousand connections need; no later one may add to it.
void measure_many(const Proxy& proxy) {
  std::vector<double> rate, memory;
  for (int round = 0; round <= kRounds; ++round) {
    const double throughput = load(proxy.port, kMany).throughput_per_s();
    if (round > 0) rate.push_back(throughput);
    memory.push_back(static_cast<double>(bench::resident_bytes(proxy.pid)) / 1024);
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
  auto [listening, port] = bench::listen_on_loopback();
  pids.push_back(bench::start([&, &listening = listening] { return bench::serve(listening, kAnswer); }));
  Proxy direct{.name = "directly", .port = port, .pid = pids.back()};
  std::vector<Proxy> proxies;
  proxies.push_back(
      start_gateway("gateway, one instance of 64", port, {.max_scale = 1, .container_concurrency = 64}, pids));
  proxies.push_back(start_gateway("gateway, 64 instances of 1", port, {}, pids));
  if (auto nginx = start_nginx(folder, port)) {
    pids.push_back(nginx->pid);
    proxies.push_back(std::move(*nginx));
  } else {
    std::printf("nginx is not installed: no ratio to it\n");
  }
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
  for (const pid_t pid : pids) bench::end(pid);
  fs::remove_all(folder);
  return 0;
}
